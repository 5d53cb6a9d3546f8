"""What the picture is pulled towards: the content and the styles, as an objective at each size of the pyramid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine.balance import balance
from impasto.engine.objective import COLUMNS, PIXELS, Mask, Objective, Term, View, look, loss_terms
from impasto.engine.pyramid import Level
from impasto.engine.regions import Region
from impasto.engine.roles import Role, Roles
from impasto.images.resize import resize, scaled
from impasto.losses import (
    CONTENT_LOSSES,
    STYLE_LOSSES,
    FeatureLoss,
    Hypercolumns,
    chroma_variation,
    total_variation,
)
from impasto.settings import LookSettings

_REFERENCE = 512 * 512
"""Pixels of the picture for which the total variation weighs just what the setting says."""
_PROTECTION = 10.0
"""How many times the content weighs where it is protected."""


@dataclass(frozen=True)
class Targets:
    """Content and styles at full size, on the device, with all that says how much each of them pulls."""

    content: Tensor
    """(1, 3, H, W) in [0, 1]."""
    styles: Sequence[Tensor]
    """Each (1, 3, h, w) in [0, 1], at the size that makes its brush as large as wanted."""
    regions: Sequence[Region]
    """Which part of the picture is painted from which part of which style, and how much each of them weighs."""
    settings: LookSettings
    protected: Mask | None = None
    """Where the content pulls harder."""

    def objective_at(self, level: Level, roles: Roles) -> Objective:
        """The weighted losses of a picture of the level's size, as the networks of `roles` see them."""
        with torch.no_grad():
            models = [resize(style, scaled(style.shape[2:], level.scale)) for style in self.styles]
            seen = [look(roles.style.network, model, roles.style.layers) for model in models]
            columns = self._columns(roles.style, seen)
            content = [*self._content_terms(roles.content, level), *self._smoothness(level)]
            style = self._style_terms(roles.style, models, seen, columns)
        # One view, and one pass, where both roles have the same network.
        if roles.content.network is roles.style.network:
            return Objective([View(roles.style.network, content + style, columns)])
        return Objective([View(roles.content.network, content), View(roles.style.network, style, columns)])

    def _content_terms(self, role: Role, level: Level) -> list[Term]:
        seen = look(role.network, resize(self.content, level.size), role.layers)
        loss, weight = CONTENT_LOSSES[self.settings.content_loss], balance(self.settings).content
        terms = loss_terms("content", loss, [seen], role.layers, weight)
        if self.protected:
            weight *= _PROTECTION * float(self.protected.pixels.mean())
            features = CONTENT_LOSSES["features"]
            here = self.protected
            terms += loss_terms("protected", features, [seen], role.layers, weight, there=[here], here=here)
        return terms

    def _style_terms(
        self, role: Role, models: Sequence[Tensor], seen: Sequence[Mapping[str, Tensor]], columns: Hypercolumns | None
    ) -> list[Term]:
        """The terms of all styles, of whose layers `seen` has the features."""
        terms = []
        for number, (model, upright) in enumerate(zip(models, seen, strict=True)):
            first = {**upright, COLUMNS: columns(upright, model.shape[2:])} if columns else upright
            for part in STYLE_LOSSES[self.settings.style_loss]:
                sights = _sights(part, role)
                looks = [first, *(look(role.network, turned, sights, columns) for turned in _turns(model, part)[1:])]
                for region in self.regions:
                    terms += self._region_terms(region, number, part, role, looks)
        return terms

    def _region_terms(
        self, region: Region, number: int, part: FeatureLoss, role: Role, looks: Sequence[Mapping[str, Tensor]]
    ) -> list[Term]:
        """The terms of one region, painted from the style of that number, of which `looks` were taken."""
        weight = balance(self.settings).style * region.shares[number]
        if not region.shares[number]:
            return []
        name = " ".join(["style", *([str(number + 1)] if len(self.styles) > 1 else []), *filter(None, [region.name])])
        where = region.there[number]
        there = [Mask(turned) for turned in _turns(where.pixels, part)] if where else None
        return loss_terms(name, part, looks, _sights(part, role), weight, there=there, here=region.here)

    def _columns(self, role: Role, seen: Sequence[Mapping[str, Tensor]]) -> Hypercolumns | None:
        """What makes the hypercolumns, where the style loss looks at any."""
        if all(part.of != "columns" for part in STYLE_LOSSES[self.settings.style_loss]):
            return None
        return Hypercolumns.like(seen, role.layers)

    def _smoothness(self, level: Level) -> list[Term]:
        # Neighbors in an enlarged picture differ less, squared by as much as it has more pixels...
        variation = self.settings.tv_weight * level.size[0] * level.size[1] / _REFERENCE
        # ...but for noise, which is the same at any size; and all of it comes from the painting.
        noise = self.settings.chroma_weight * balance(self.settings).style
        terms = [Term("tv", variation, total_variation), Term("chroma", noise, chroma_variation)]
        return [term for term in terms if term.weight]


def _sights(part: FeatureLoss, role: Role) -> Mapping[str, float]:
    """What the part looks at in the objective's words, each with its weight."""
    return {"layers": role.layers, "columns": {COLUMNS: 1.0}, "pixels": {PIXELS: 1.0}}[part.of]


def _turns(model: Tensor, part: FeatureLoss) -> list[Tensor]:
    return [torch.rot90(model, turn, (2, 3)) for turn in range(4 if part.turned else 1)]
