"""What the picture is pulled towards: the content and the styles, as an objective at each size of the pyramid."""

from collections.abc import Hashable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from impasto.engine.balance import balance
from impasto.engine.mask import Mask
from impasto.engine.objective import Objective, View
from impasto.engine.pyramid import Level
from impasto.engine.regions import Region
from impasto.engine.roles import Role, Roles
from impasto.engine.sights import COLUMNS, NEIGHBORS, PIXELS, Sight, column_sights, counted, see, survey
from impasto.engine.terms import Compared, Summed, Term, loss_terms
from impasto.engine.tiles import Cut, one_tile, with_less_at_a_time
from impasto.images.resize import resize, scaled, size_of
from impasto.losses import (
    CONTENT_LOSSES,
    STYLE_LOSSES,
    TEMPORAL_LOSS,
    FeatureLoss,
    Hypercolumns,
    MomentSums,
    chroma_variation,
    total_variation,
)
from impasto.networks import FeatureNetwork
from impasto.settings import LookSettings

Shown = Mapping[Sight, Any]
"""Of each sight what losses take."""

_REFERENCE = 512 * 512
"""Pixels of the picture for which variation weighs just what the setting says."""
_PROTECTION = 3.0
"""How much the content weighs where it is protected, on top of what it weighs anyway."""
_KNOWN = 8
"""Objectives whose style terms are remembered."""


@dataclass(frozen=True)
class Earlier:
    """An earlier painting of a film, which a frame's should be like where it shows the same."""

    painting: Tensor
    """(1, 3, H, W) in [0, 1], moved as the film has moved."""
    where: Mask
    """Where it is to be seen."""
    weight: float
    """Of a squared difference of 1 in all pixels."""


StyleTerms = tuple[list[Term], Hypercolumns | None]


@dataclass(frozen=True)
class Targets:
    """Content and styles at full size, on the device, with all that says how much each of them pulls."""

    content: Tensor
    """(1, 3, H, W) in [0, 1], or packed."""
    styles: Sequence[Tensor]
    """Each (1, 3, h, w) in [0, 1], or packed, at the size that makes its brush as large as wanted."""
    regions: Sequence[Region]
    """Which part of the picture is painted from which part of which style, and how much each of them weighs."""
    settings: LookSettings
    protected: Mask | None = None
    """Where the content pulls harder."""
    earlier: Sequence[Earlier] = ()
    """Paintings of earlier frames."""
    known: MutableMapping[Hashable, StyleTerms] | None = field(default=None, repr=False)
    """Where style terms are kept for other contents of the same size, for which they are the same; None for nowhere."""

    def objective_at(self, level: Level, roles: Roles, cut: Cut = one_tile) -> Objective:
        """The weighted losses of a picture of the level's size, as the networks of `roles` see them.

        `cut` says in which tiles pictures are looked at.
        """
        return with_less_at_a_time(cut, lambda: self._objective_at(level, roles, cut))

    def _objective_at(self, level: Level, roles: Roles, cut: Cut) -> Objective:
        with torch.no_grad():
            content = [*self._content_terms(roles.content, level, cut), *self._smoothness(level)]
            content += self._temporal_terms(level)
            style, columns = self._known_style_terms(roles.style, level, cut)
        # One view, and one pass, where both roles have the same network.
        if roles.content.network is roles.style.network:
            return Objective([View(roles.style.network, content + style, columns)], cut)
        return Objective([View(roles.content.network, content), View(roles.style.network, style, columns)], cut)

    def _content_terms(self, role: Role, level: Level, cut: Cut) -> list[Term]:
        loss, weight = CONTENT_LOSSES[self.settings.content_loss], balance(self.settings).content
        sights = {layer: Sight(layer, loss.reduce) for layer in role.layers}
        features = {layer: Sight(layer) for layer in role.layers} if self.protected else {}
        seen = _seen(role.network, resize(self.content, level.size), [*sights.values(), *features.values()], cut)
        terms = loss_terms("content", loss, [_named(seen, sights)], role.layers, weight)
        if here := self.protected:
            weight *= _PROTECTION * float(here.pixels.mean())
            protected, loss = _named(seen, features), CONTENT_LOSSES["features"]
            terms += loss_terms("protected", loss, [protected], role.layers, weight, there=[here], here=here)
        return terms

    def _temporal_terms(self, level: Level) -> Iterator[Term]:
        for number, each in enumerate(self.earlier):
            share = float(each.where.pixels.mean())
            if share:
                compared = Compared(TEMPORAL_LOSS, resize(each.painting, level.size))
                sight = Sight(PIXELS, compared, each.where)
                yield Term(f"temporal {number + 1}", share * each.weight, sight, lambda value: value)

    def _known_style_terms(self, role: Role, level: Level, cut: Cut) -> StyleTerms:
        regions = tuple((region.name, region.here, tuple(region.shares)) for region in self.regions)
        key = (role.network, level.size, level.scale, regions)
        if self.known is not None and key in self.known:
            return self.known[key]
        models = {
            number: resize(style, scaled(style.shape[2:], level.scale))
            for number, style in enumerate(self.styles)
            if any(region.shares[number] for region in self.regions)  # what has no share must not be seen
        }
        made = self._style_terms(role, models, cut)
        if self.known is not None:
            if len(self.known) >= _KNOWN:
                self.known.clear()
            self.known[key] = made
        return made

    def _style_terms(self, role: Role, models: Mapping[int, Tensor], cut: Cut) -> StyleTerms:
        """The terms of styles by their number, and what makes the hypercolumns that some of them look at."""
        parts = STYLE_LOSSES[self.settings.style_loss]
        seen = {}
        for number, model in models.items():
            sights = [sight for part in parts for sight in self._style_sights(part, number, role, size_of(model))]
            seen[number] = _seen(role.network, model, sights, cut)
        columns = None
        if any(part.of == "columns" for part in parts):
            sizes = [{layer: each[Sight(layer, MomentSums())] for layer in role.layers} for each in seen.values()]
            columns = Hypercolumns.like(sizes, role.layers)
        terms = []
        for number, model in models.items():
            for part in parts:
                columns_seen = _column_looks(part, role, model, seen[number], columns, cut)
                for region in self.regions:
                    terms += self._region_terms(region, number, part, role, seen[number], columns_seen)
        return terms, columns

    def _style_sights(self, part: FeatureLoss, number: int, role: Role, size: tuple[int, int]) -> list[Sight]:
        """What has to be seen of the style of that number, `size` (height, width) large, for a part of its loss."""
        if part.of == "columns":
            return [*column_sights(role.layers, size), *(Sight(layer, MomentSums()) for layer in role.layers)]
        masks = [region.there[number] for region in self.regions if region.shares[number]]
        return [counted(of, part, mask) for mask in masks for of in _weights(part, role)]

    def _region_terms(
        self, region: Region, number: int, part: FeatureLoss, role: Role, seen: Shown, columns: Sequence[Tensor]
    ) -> list[Term]:
        """The terms of one region, painted from the style of that number, which was `seen`, turned for its columns."""
        weight = balance(self.settings).style * region.shares[number]
        if not region.shares[number]:
            return []
        name = " ".join(["style", *([str(number + 1)] if len(self.styles) > 1 else []), *filter(None, [region.name])])
        where, weights = region.there[number], _weights(part, role)
        looks = [{COLUMNS: each} for each in columns] or [{of: seen[counted(of, part, where)] for of in weights}]
        there = [Mask(turned) for turned in _turns(where.pixels, part)] if where else None
        return loss_terms(name, part, looks, weights, weight, there=there, here=region.here)

    def _smoothness(self, level: Level) -> list[Term]:
        # Neighbors in an enlarged picture differ less, squared by as much as it has more pixels.
        larger = level.size[0] * level.size[1] / _REFERENCE
        # Noise in color all comes from the painting, and pictures that are larger still have no more of it.
        noise = self.settings.chroma_weight * balance(self.settings).style * min(1.0, larger)
        kinds = {"tv": (self.settings.tv_weight * larger, total_variation), "chroma": (noise, chroma_variation)}
        return [
            Term(name, weight, Sight(NEIGHBORS, Summed(loss)), lambda total: total)
            for name, (weight, loss) in kinds.items()
            if weight
        ]


def _seen(network: FeatureNetwork, picture: Tensor, sights: Sequence[Sight], cut: Cut) -> Shown:
    """What the sights show of a picture (1, 3, H, W)."""
    plans: dict[Any, Any] = {}
    wanted = set(sights)
    totals = survey(
        picture, cut(size_of(picture)), lambda crop, tile, maps: see(network, crop, tile, wanted, plans, maps)
    )
    return {sight: sight.reduce.shown(total) for sight, total in totals.items()}


def _column_looks(
    part: FeatureLoss, role: Role, model: Tensor, upright: Shown, columns: Hypercolumns | None, cut: Cut
) -> list[Tensor]:
    """The hypercolumns of a style, upright as it was seen already, and turned; none for a part that looks at others."""
    if not columns or part.of != "columns":
        return []
    looks: list[Tensor] = []
    for turned in _turns(model, part):
        size = size_of(turned)
        sights = {sight.of: sight for sight in column_sights(role.layers, size)}
        seen = _seen(role.network, turned, list(sights.values()), cut) if looks else upright
        looks.append(columns(_named(seen, sights), size))
    return looks


def _named(seen: Shown, sights: Mapping[str, Sight]) -> dict[str, Any]:
    return {name: seen[sight] for name, sight in sights.items()}


def _weights(part: FeatureLoss, role: Role) -> Mapping[str, float]:
    """What the part looks at in the objective's words, each with its weight."""
    return {"layers": role.layers, "columns": {COLUMNS: 1.0}, "pixels": {PIXELS: 1.0}}[part.of]


def _turns(model: Tensor, part: FeatureLoss) -> list[Tensor]:
    return [torch.rot90(model, turn, (2, 3)) for turn in range(4 if part.turned else 1)]
