"""Style as mean and covariance of features, compared number by number.

Kolkin, Salavon, Shakhnarovich, CVPR 2019, equation 7: the relaxed earth mover's distance looks at angles only, and this
at how large features are. Departure: squared differences in place of absolute ones, relative to the target's own size.
"""

from typing import NamedTuple

from torch import Tensor

from impasto.losses.statistics import Sums, mean_and_covariance


class Moments(NamedTuple):
    """Of features over all positions."""

    mean: Tensor
    """(B, C, 1)."""
    covariance: Tensor
    """(B, C, C)."""


def moments_target(features: Tensor | Sums, mask: Tensor | None = None) -> Moments:
    """What of the style's features (B, C, h, w) the loss needs, each position counted by `mask` (B, 1, h, w)."""
    return Moments(*mean_and_covariance(features, mask))


def moments(features: Tensor | Sums, target: Moments, mask: Tensor | None = None) -> Tensor:
    """Squared distances of mean and covariance of `features` (B, C, h, w), relative to the target's: a scalar.

    What a covariance is measured by is the mean square of the features, not their variance: a style of one color has
    none.
    """
    seen = moments_target(features, mask)
    size = target.mean.square().sum().clamp_min(1e-8)
    energy = (target.covariance + target.mean @ target.mean.mT).square().sum().clamp_min(1e-12)
    mean, covariance = ((mine - wanted).square().sum() for mine, wanted in zip(seen, target, strict=True))
    return mean / size + covariance / energy
