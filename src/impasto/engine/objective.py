"""The number to make small: every loss (`terms`) on all that it is shown (`sights`), added up in one pass a network.

A loss is shown sums over positions (`losses.reductions`), so a picture can be looked at tile by tile: a first round
adds up what is seen, the losses say which way each sum should change, and a second round carries that to each tile's
pixels. The gradient is that of the whole picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from impasto.engine.sights import COLUMNS, Plans, Sight, Totals, column_sights, see, survey
from impasto.engine.solvers.step import with_gradient
from impasto.engine.terms import Term
from impasto.engine.tiles import Cut, Tile, one_tile, with_less_at_a_time
from impasto.images.resize import size_of
from impasto.losses import Hypercolumns
from impasto.networks import FeatureNetwork


@dataclass(frozen=True)
class View:
    """A network and the terms that look through it."""

    network: FeatureNetwork
    terms: Sequence[Term]
    columns: Hypercolumns | None = None
    _plans: Plans = field(default_factory=dict, repr=False)

    def see(self, image: Tensor, tile: Tile, maps: Totals | None = None) -> Totals:
        """What there is to see of `tile`, of which `image` (1, 3, h, w) is the crop; `maps` as in `sights.see`."""
        return see(self.network, image, tile, self._sights(tile.picture), self._plans, maps)

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
        picture = size_of(image)
        (whole,) = one_tile(picture)
        return self._losses([view.see(image, whole) for view in self.views], picture)

    def with_gradient(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The same values, and the gradient (1, 3, H, W) of their sum, tile by tile."""
        picture = size_of(image)
        return with_less_at_a_time(self.cut, lambda: self._tile_by_tile(image, self.cut(picture)))

    def _tile_by_tile(self, image: Tensor, tiles: Sequence[Tile]) -> tuple[dict[str, Tensor], Tensor]:
        if len(tiles) == 1:
            return with_gradient(self, image)
        with torch.no_grad():
            totals = [survey(image, tiles, view.see) for view in self.views]
        values, wanted = self._wanted(totals, size_of(image))
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
            seen = view.see(crop, tile)
            (own,) = torch.autograd.grad([seen[sight] for sight in wanted], crop, list(wanted.values()))
        tile.crop(gradient).add_(own)
