"""All layers' features of a place in one column of numbers (Hariharan et al. 2015): what patches are compared by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.losses.place import Place
from impasto.losses.reductions import Reduction
from impasto.losses.statistics import Sums, gram_matrix

_STRIDE = 4
"""Pixels between two columns, across and down, or a multiple of it..."""
_MOST = 1 << 14
"""...so that there are no more columns than this: all of them are compared with all."""


@dataclass(frozen=True)
class Hypercolumns:
    """Makes columns of the features of some layers, each brought to the same size of numbers and then weighted."""

    factors: Mapping[str, float]
    """What the features of each layer are multiplied by."""

    @classmethod
    def like(cls, seen: Sequence[Mapping[str, Sums]], weights: Mapping[str, float]) -> Self:
        """Columns in which every layer of `weights` counts by its weight, by the sizes of features `seen` elsewhere."""

        def size(layer: str) -> float:
            # Of a whole column: else a layer would count by its channels.
            energy = torch.stack([gram_matrix(sums[layer]).diagonal(dim1=1, dim2=2).sum() for sums in seen])
            return float(energy.mean().sqrt().clamp_min(1e-8))

        return cls({layer: sqrt(weight) / size(layer) for layer, weight in weights.items() if weight})

    def __call__(self, features: Mapping[str, Tensor], picture: tuple[int, int]) -> Tensor:
        """Columns (B, C, h, w), all layers' channels together, of features of a picture (height, width).

        The features may be `Averages` already.
        """
        grid = _grid(*picture)
        reduce = Averages(picture)
        parts = []
        for layer, factor in self.factors.items():
            place = Place.whole(features[layer])
            averaged = reduce(features[layer], place, reduce.plan((place.height, place.width), None))
            parts.append(factor * _interpolated(averaged, grid))
        return torch.cat(parts, dim=1)


def _stride_of(picture: tuple[int, int]) -> int:
    """Pixels between two columns of a picture (height, width), across and down."""
    return _STRIDE * max(1, ceil(sqrt(picture[0] * picture[1] / _MOST) / _STRIDE))


def _grid(height: int, width: int) -> tuple[int, int]:
    stride = _stride_of((height, width))
    return max(1, height // stride), max(1, width // stride)


def _interpolated(averaged: Tensor, grid: tuple[int, int]) -> Tensor:
    if averaged.shape[2:] == grid:
        return averaged
    return F.interpolate(averaged, size=grid, mode="bilinear", align_corners=False)


@dataclass(frozen=True)
class Averages(Reduction):
    """What columns need of a map, as a reduction: each position averaged with its neighbors, as a smaller map."""

    picture: tuple[int, int]
    """(height, width) in pixels."""

    def plan(self, size: tuple[int, int], mask: Tensor | None) -> tuple[int, int]:
        """How many positions, down and across, become one. What is left over at the far sides is left out."""
        kernels = []
        for positions, fields, pixels in zip(size, _grid(*self.picture), self.picture, strict=True):
            most = ceil(_stride_of(self.picture) * positions / pixels)
            kernels.append(max(1, min(positions // fields, most)))
        return kernels[0], kernels[1]

    def __call__(self, features: Tensor, place: Place, plan: tuple[int, int]) -> Tensor:
        down, right = plan
        height, width = features.shape[2:]
        above, below = _missing(place.top, height, place.height, down)
        before, after = _missing(place.left, width, place.width, right)
        small = features.to(torch.promote_types(features.dtype, torch.float32))
        if above or below or before or after:
            small = F.pad(small, (before, after, above, below))
        if plan != (1, 1):
            small = F.avg_pool2d(small, plan)
        whole = Place(place.top // down, place.left // right, place.height // down, place.width // right)
        return whole.put(small[:, :, : whole.height - whole.top, : whole.width - whole.left])


def _missing(start: int, count: int, whole: int, kernel: int) -> tuple[int, int]:
    """What of its first and of its last average a part of a map does not have: `count` positions from `start` on.

    Other parts have it, and all parts are added up. What the `whole` leaves over at its end is in no average.
    """
    before = start % kernel
    after = -(before + count) % kernel if start + count < whole else 0
    return before, max(after, kernel - before - count)
