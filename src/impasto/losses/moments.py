"""Style as mean and covariance of features, compared number by number.

Kolkin, Salavon, Shakhnarovich, CVPR 2019, equation 7: the relaxed earth mover's distance looks at angles only, and this
at how large features are. Departure: squared differences, each relative to its target, in place of absolute ones.
"""

from typing import NamedTuple

from torch import Tensor

from impasto.losses.statistics import mean_and_deviations, products


class Moments(NamedTuple):
    """Of features over all positions."""

    mean: Tensor
    """(B, C, 1)."""
    covariance: Tensor
    """(B, C, C)."""


def moments_target(features: Tensor, mask: Tensor | None = None) -> Moments:
    """What of the style's features (B, C, h, w) the loss needs, each position counted by `mask` (B, 1, h, w)."""
    mean, deviations = mean_and_deviations(features, mask)
    return Moments(mean, products(deviations))


def moments(features: Tensor, target: Moments, mask: Tensor | None = None) -> Tensor:
    """Squared distances of mean and covariance of `features` (B, C, h, w), relative to the target's: a scalar."""
    seen = moments_target(features, mask)
    return sum((_relative(mine, wanted) for mine, wanted in zip(seen, target, strict=True)), features.new_zeros(()))


def _relative(seen: Tensor, wanted: Tensor) -> Tensor:
    return (seen - wanted).square().sum() / wanted.square().sum().clamp_min(1e-12)
