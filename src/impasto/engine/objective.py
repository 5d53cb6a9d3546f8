"""The number to make small: every loss on all that it is shown, weighted and added up in one pass a network.

A loss is shown sums over positions (`losses.reductions`), so a picture can be looked at tile by tile: a first round
adds up what is seen, the losses say which way each sum should change, and a second round carries that to each tile's
pixels. The gradient is that of the whole picture.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch import Tensor

from impasto.engine.solvers.step import with_gradient
from impasto.engine.tiles import Cut, Tile, one_tile, with_less_at_a_time
from impasto.images.resize import averaged
from impasto.images.strips import strips
from impasto.losses import Averages, Everything, FeatureLoss, Hypercolumns, Place, Reduction
from impasto.networks import FeatureNetwork

PIXELS = "pixels"
"""What a sight is of that looks at the picture itself..."""
NEIGHBORS = "neighbors"
"""...that looks at it with what is next to a part of it..."""
COLUMNS = "columns"
"""...and that looks at the hypercolumns of several layers."""
_EVERYTHING = Everything()
_LARGE = 1 << 26
"""Numbers in a map."""
_NOTHING = 1e-24
"""What a loss is for a black feature map where the target is as good as black itself..."""
_EMPTY = 1e-8
"""...which counts as this: an empty feature map must not divide by zero."""


@dataclass(frozen=True, eq=False)
class Mask:
    """How much each place of a picture counts: (1, 1, H, W) in [0, 1], at any size that is asked for."""

    pixels: Tensor
    _sizes: dict[tuple[int, int], Tensor] = field(default_factory=dict, repr=False)

    def at(self, size: tuple[int, int]) -> Tensor:
        """(1, 1, h, w) for a map of `size`."""
        if size not in self._sizes:
            self._sizes[size] = averaged(self.pixels, size)
        return self._sizes[size]


@dataclass(frozen=True)
class Sight:
    """What a loss is shown of a picture."""

    of: str
    """A layer, or `PIXELS`, `NEIGHBORS` or `COLUMNS`."""
    reduce: Reduction = _EVERYTHING
    mask: Mask | None = None
    """What counts; None for everything."""

    def plan(self, size: tuple[int, int], device: torch.device) -> Any:
        """What the reduction needs to know of a map of `size`."""
        plan = self.reduce.plan(size, self.mask.at(size) if self.mask else None)
        if isinstance(plan, list):
            return [part.to(device) for part in plan]
        return plan.to(device) if isinstance(plan, Tensor) else plan


Totals = dict[Sight, Tensor]
"""Of each sight the sum over tiles."""


@dataclass(frozen=True)
class Term:
    """One loss on one sight, weighted: `name` is what the trace calls it."""

    name: str
    weight: float
    sight: Sight
    loss: Callable[[Any], Tensor]
    """Of what the sight shows."""


@dataclass(frozen=True)
class View:
    """A network and the terms that look through it."""

    network: FeatureNetwork
    terms: Sequence[Term]
    columns: Hypercolumns | None = None
    _plans: dict[tuple[Sight, tuple[int, int]], Any] = field(default_factory=dict, repr=False)

    def look(self, image: Tensor, tile: Tile, maps: Totals | None = None) -> Totals:
        """What there is to see of `tile`, of which `image` (1, 3, h, w) is the crop; `maps` as in `look`."""
        return look(self.network, image, tile, self._sights(tile.picture), self._plans, maps)

    def losses(self, totals: Totals, picture: tuple[int, int]) -> dict[str, Tensor]:
        """Each term's weighted value by name, of what was seen of all tiles of a picture (height, width)."""
        shown = {sight: sight.reduce.shown(total) for sight, total in totals.items()}
        if self.columns:
            layers = {sight.of: totals[sight] for sight in column_sights(self.columns.factors, picture)}
            shown[Sight(COLUMNS)] = self.columns(layers, picture)
        return {term.name: term.weight * term.loss(shown[term.sight]) for term in self.terms}

    def _sights(self, picture: tuple[int, int]) -> list[Sight]:
        columns = column_sights(self.columns.factors, picture) if self.columns else []
        return list(dict.fromkeys([*(term.sight for term in self.terms if term.sight.of != COLUMNS), *columns]))


@dataclass(frozen=True)
class Objective:
    """All terms, weighted, view by view."""

    views: Sequence[View]
    cut: Cut = one_tile
    """In which tiles the picture is looked at."""

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Each term's weighted value, a scalar, by name; `image` is (1, 3, H, W) in [0, 1]."""
        picture = (image.shape[2], image.shape[3])
        (whole,) = one_tile(picture)
        return self._losses([view.look(image, whole) for view in self.views], picture)

    def with_gradient(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The same values, and the gradient (1, 3, H, W) of their sum, tile by tile."""
        picture = (image.shape[2], image.shape[3])
        return with_less_at_a_time(self.cut, lambda: self._tile_by_tile(image, self.cut(picture)))

    def _tile_by_tile(self, image: Tensor, tiles: Sequence[Tile]) -> tuple[dict[str, Tensor], Tensor]:
        if len(tiles) == 1:
            return with_gradient(self, image)
        with torch.no_grad():
            totals = [survey(image, tiles, view.look) for view in self.views]
        values, wanted = self._wanted(totals, (image.shape[2], image.shape[3]))
        gradient = torch.zeros_like(image)
        for view, changes in zip(self.views, wanted, strict=True):
            for tile in tiles:
                self._carry(view, changes, tile, image, gradient)
        return values, gradient

    def _losses(self, totals: Iterable[Totals], picture: tuple[int, int]) -> dict[str, Tensor]:
        looks = zip(self.views, totals, strict=True)
        return {name: value for view, seen in looks for name, value in view.losses(seen, picture).items()}

    def _wanted(self, totals: list[Totals], picture: tuple[int, int]) -> tuple[dict[str, Tensor], list[Totals]]:
        """The values, and which way each sum should change, view by view."""
        leaves = [{sight: total.requires_grad_() for sight, total in seen.items()} for seen in totals]
        with torch.enable_grad():
            values = self._losses(leaves, picture)
            sums = [total for seen in leaves for total in seen.values()]
            found = iter(torch.autograd.grad(torch.stack(list(values.values())).sum(), sums))
        wanted = [{sight: next(found) for sight in seen} for seen in leaves]
        return {name: value.detach() for name, value in values.items()}, wanted

    def _carry(self, view: View, wanted: Totals, tile: Tile, image: Tensor, gradient: Tensor) -> None:
        """Adds to `gradient` what the gradients of the sums mean for the pixels of one tile's crop."""
        crop = tile.crop(image).detach().requires_grad_()
        with torch.enable_grad():
            seen = view.look(crop, tile)
            (own,) = torch.autograd.grad([seen[sight] for sight in wanted], crop, list(wanted.values()))
        tile.crop(gradient).add_(own)


def look(
    network: FeatureNetwork,
    image: Tensor,
    tile: Tile,
    sights: Iterable[Sight],
    plans: MutableMapping[tuple[Sight, tuple[int, int]], Any] | None = None,
    maps: Totals | None = None,
) -> Totals:
    """What `sights` show of a tile, of which `image` (1, 3, h, w) is the crop, in float32 or more.

    `plans` keeps what is worked out once for all tiles and steps. Where there are `maps`, what is not reduced is put
    into them, and is not in what comes back: no tile needs a whole map of its own.
    """
    plans = {} if plans is None else plans
    by_name: dict[str, list[Sight]] = {}
    for sight in sights:
        by_name.setdefault(sight.of, []).append(sight)
    found = {}
    for name, part, place in _parts(network, image, tile, by_name):
        rounded = all(sight.reduce.rounded for sight in by_name[name])
        precise = part if rounded else part.to(torch.promote_types(part.dtype, torch.float32))
        for sight in by_name[name]:
            size = (place.height, place.width)
            seen = part if sight.reduce.rounded else precise
            if maps is not None and isinstance(sight.reduce, Everything):
                if sight not in maps:
                    maps[sight] = _empty_map(seen, size)
                place.cut(maps[sight], seen).copy_(seen)
                continue
            if (sight, size) not in plans:
                plans[sight, size] = sight.plan(size, image.device)
            found[sight] = sight.reduce(seen, place, plans[sight, size])
    return found


def _parts(
    network: FeatureNetwork, image: Tensor, tile: Tile, names: Container[str]
) -> Iterator[tuple[str, Tensor, Place]]:
    """What there is by these names, and where; each layer as soon as the network has come to it.

    So what is made of a layer is at once made, and on the way back its gradient is found when its turn has come:
    all gradients at once would be as large as all features.
    """
    for name, (part, place) in ((PIXELS, tile.features(image, 1)), (NEIGHBORS, tile.neighbors(image))):
        if name in names:
            yield name, part, place
    # In the network's order: a set has a new one in every run.
    layers = [layer for layer in network.spec.layers if layer in names]
    for layer, features in network.each(image, layers) if layers else ():
        # A picture that is looked at as a whole need not be in step with anything.
        alone = tile.shown == tile.own
        stride = network.spec.smallest_size[layer]
        yield layer, *((features, Place.whole(features)) if alone else tile.features(features, stride))


def survey(image: Tensor, tiles: Sequence[Tile], see: Callable[[Tensor, Tile, Totals], Totals]) -> Totals:
    """The sums over `tiles` of what `see` shows of each one's crop of `image` (1, 3, H, W), and maps of the rest."""
    totals: Totals = {}
    maps: Totals = {}
    for tile in tiles:
        for sight, part in see(tile.crop(image), tile, maps).items():
            if sight in totals:
                totals[sight] += part
            else:
                totals[sight] = part
    return totals | maps


def _empty_map(part: Tensor, size: tuple[int, int]) -> Tensor:
    """For features like those of a part, of the whole map's size; a very large map keeps three digits of each."""
    shape = (*part.shape[:2], *size)
    return torch.zeros(shape, dtype=torch.bfloat16 if prod(shape) > _LARGE else part.dtype, device=part.device)


def column_sights(layers: Iterable[str], picture: tuple[int, int]) -> list[Sight]:
    """What hypercolumns of these layers need to be shown of a picture (height, width)."""
    return [Sight(layer, Averages(picture)) for layer in layers]


def loss_terms(
    name: str,
    loss: FeatureLoss,
    looks: Sequence[Mapping[str, Any]],
    weights: Mapping[str, float],
    weight: float,
    *,
    there: Sequence[Mask] | None = None,
    here: Mask | None = None,
) -> list[Term]:
    """Terms that pull what is seen towards what was seen in `looks`, by each name of `weights`: together `weight`.

    `looks` are several looks at the same picture, turned, or one: what the loss's reduction shows, by layer. `there`
    says for each what counts in it where nothing was reduced, `here` what counts in the picture that is pulled.

    Each loss is divided by what it would be for a black feature map, so that 1 always means "as wrong as nothing":
    this is what makes the same settings look the same for every network, layer and size of picture.
    """
    whole = weight * loss.pull / sum(weights.values())
    terms = []
    for of, share in weights.items():
        seen = [look[of] for look in looks]
        make = _pointwise if loss.pointwise else _relative
        sight, distance = make(of, loss, seen, there, here)
        terms.append(Term(f"{name} {of}", whole * share, sight, distance))
    return terms


def _size(black: Tensor) -> float:
    """What a loss is divided by, of what it is for a black feature map: that itself, however small features are."""
    size = float(black)
    return size if size > _NOTHING else _EMPTY


def counted(of: str, loss: FeatureLoss, mask: Mask | None) -> Sight:
    """What the loss is shown; a reduction counts the mask in, what is not reduced has it counted by the loss itself."""
    return Sight(of, loss.reduce, None if isinstance(loss.reduce, Everything) else mask)


def _relative(
    of: str, loss: FeatureLoss, seen: Sequence[Any], there: Sequence[Mask] | None, here: Mask | None
) -> tuple[Sight, Callable[[Any], Tensor]]:
    """The sight, and the loss on what it shows as a share of that of a black feature map."""
    counts = isinstance(loss.reduce, Everything)  # else the reduction has counted the mask in
    with torch.no_grad():
        looks = zip(there, seen, strict=True) if there and counts else ()
        masks = [mask.at(_shape(each)).to(each) for mask, each in looks]
        target = loss.target(_in_a_row(seen), _in_a_row(masks) if masks else None)
        black = loss.distance(loss.reduce.black(seen[0]), target, masks[0] if masks else None)
        scale = loss.unit or _size(black)

    def distance(shown: Any) -> Tensor:
        where = here.at(_shape(shown)).to(shown) if here and counts else None
        value: Tensor = loss.distance(shown, target, where) / scale
        return value

    return counted(of, loss, here), distance


def _pointwise(
    of: str, loss: FeatureLoss, seen: Sequence[Tensor], there: Sequence[Mask] | None, here: Mask | None
) -> tuple[Sight, Callable[[Any], Tensor]]:
    """The sight that is the loss itself: each position has a target of its own."""
    (look,) = seen
    mask = there[0].at(_shape(look)).to(look) if there else None
    compared = Compared(loss, loss.target(look, mask))
    scale = _size(compared.with_black(mask))
    return Sight(of, compared, here), lambda value: value / scale


@dataclass(frozen=True)
class Summed(Reduction):
    """A loss of pixels and their neighbors, of which each part knows its share."""

    loss: Callable[[Tensor, Place], Tensor]

    def __call__(self, features: Tensor, place: Place, plan: None) -> Tensor:
        return self.loss(features, place)


@dataclass(frozen=True, eq=False)
class Compared(Reduction):
    """The loss of a part against its own part of a target, as its share of the mean over the whole."""

    loss: FeatureLoss
    target: Tensor
    """(1, C, h, w)."""

    def plan(self, size: tuple[int, int], mask: Tensor | None) -> Tensor | None:
        """The mask."""
        return mask

    def __call__(self, features: Tensor, place: Place, plan: Tensor | None) -> Tensor:
        target = place.cut(self.target, features).to(features.dtype)
        if plan is None:
            share = features.shape[2] * features.shape[3] / (place.height * place.width)
            value: Tensor = share * self.loss.distance(features, target, None)
            return value
        mask = place.cut(plan, features).to(features)
        return self.loss.distance(features, target, mask) * mask.sum() / plan.sum()

    def with_black(self, mask: Tensor | None) -> Tensor:
        """The loss of a map of zeros, counted by `mask`: a few rows at a time, as a map may be very large."""
        height, width = _shape(self.target)
        precise = torch.promote_types(self.target.dtype, torch.float32)
        parts = [
            self(torch.zeros_like(self.target[:, :, rows], dtype=precise), Place(rows.start, 0, height, width), mask)
            for rows in strips(height, width * self.target.shape[1])
        ]
        return torch.stack(parts).sum()


def _shape(shown: Tensor) -> tuple[int, int]:
    return shown.shape[2], shown.shape[3]


def _in_a_row(looks: Sequence[Any]) -> Any:
    """All positions of several looks together, (B, C, n, 1); a single one as it is."""
    if len(looks) == 1:
        return looks[0]
    return torch.cat([look.flatten(2) for look in looks], dim=2)[..., None]
