"""Style as the whole distribution of features, compared along many directions.

Heitz, Vanhoey, Chambon, Belcour: A Sliced Wasserstein Loss for Neural Texture Synthesis, CVPR 2021. Departures: the
directions are drawn once, an orthonormal set for each number of channels, instead of anew at each step, so that L-BFGS
has a function to work on; large maps are compared at a sample of their positions; and pictures of different sizes by
interpolating between the sorted values, instead of repeating them.
"""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from impasto.losses.positions import positions
from impasto.losses.statistics import ascending, quantiles

POSITIONS = 1 << 13
"""Positions compared: sorting more of them takes longer than the network."""


class Quantiles(NamedTuple):
    """A distribution of features."""

    directions: Tensor
    """(C, C): rows, orthonormal."""
    values: Tensor
    """(B, C, n), ascending: the features along each direction."""


def sliced_wasserstein_target(features: Tensor, mask: Tensor | None = None) -> Quantiles:
    """What of the style's features (B, C, h, w) the loss needs; `mask` (B, 1, h, w) says how much positions count."""
    directions = _directions(features.shape[1]).to(features)
    return Quantiles(directions, _sorted(features, directions, mask))


def sliced_wasserstein(features: Tensor, target: Quantiles, mask: Tensor | None = None) -> Tensor:
    """Mean squared difference of the sorted values of `features` (B, C, h, w) from the target's: a scalar."""
    values = _sorted(features, target.directions, mask)
    return (values - quantiles(target.values, values.shape[2])).square().mean()


def _sorted(features: Tensor, directions: Tensor, mask: Tensor | None) -> Tensor:
    return ascending(directions @ positions(features, POSITIONS, mask))


@cache
def _directions(channels: int) -> Tensor:
    draw = torch.Generator().manual_seed(channels)
    orthonormal: Tensor = torch.linalg.qr(torch.randn(channels, channels, dtype=torch.float64, generator=draw)).Q
    return orthonormal
