"""All layers' features of a place in one column of numbers (Hariharan et al. 2015): what patches are compared by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

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
    def like(cls, features: Sequence[Mapping[str, Tensor]], weights: Mapping[str, float]) -> Self:
        """Columns in which every layer of `weights` counts by its weight, by the sizes seen in some `features`."""

        def size(layer: str) -> float:
            # Of a whole column: else a layer would count by its channels.
            energy = torch.stack([each[layer].float().square().sum(1).mean() for each in features])
            return float(energy.mean().sqrt().clamp_min(1e-8))

        return cls({layer: sqrt(weight) / size(layer) for layer, weight in weights.items() if weight})

    def __call__(self, features: Mapping[str, Tensor], picture: Sequence[int]) -> Tensor:
        """Columns (B, C, h, w), all layers' channels together, of features of a picture (height, width)."""
        grid = _grid(*picture)
        parts = [factor * _resized(features[layer].float(), grid) for layer, factor in self.factors.items()]
        return torch.cat(parts, dim=1)


def _grid(height: int, width: int) -> tuple[int, int]:
    stride = _STRIDE * max(1, ceil(sqrt(height * width / _MOST) / _STRIDE))
    return max(1, height // stride), max(1, width // stride)


def _resized(features: Tensor, size: tuple[int, int]) -> Tensor:
    """Averaged down over whole numbers of positions, as far as there are that many, then interpolated."""
    kernel = max(1, features.shape[2] // size[0]), max(1, features.shape[3] // size[1])
    averaged = F.avg_pool2d(features, kernel) if kernel != (1, 1) else features
    if averaged.shape[2:] == size:
        return averaged
    return F.interpolate(averaged, size=size, mode="bilinear", align_corners=False)
