"""Style as Gaussians, compared by the Wasserstein-2 distance (Gelbrich 1990; Olkin and Pukelsheim 1982).

Features at all positions are taken for a Gaussian cloud with a mean and a covariance. The distance is the least work
that moves one cloud onto the other: |m - m_t|^2 + tr S + tr S_t - 2 tr (S_t^1/2 S S_t^1/2)^1/2. Of the last matrix only
the trace of its root is wanted, which is the sum of the roots of its eigenvalues: no matrix root is iterated, and where
there are fewer positions than channels the smaller matrix of the two that share these eigenvalues is taken.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from impasto.losses.statistics import mean_and_deviations, products

_SOFTENING = 1e-4
"""Of the target's mean variance: below it a direction counts as empty, where the root's slope would be infinite."""


class Gaussian(NamedTuple):
    """A cloud of features."""

    mean: Tensor
    """(B, C, 1)."""
    root: Tensor
    """(B, C, C), the symmetric root of the covariance."""
    variance: Tensor
    """(B,), over all channels together: the trace of the covariance."""


def wasserstein_target(features: Tensor, mask: Tensor | None = None) -> Gaussian:
    """What of the style's features (B, C, h, w) the loss needs, each position counted by `mask` (B, 1, h, w)."""
    mean, deviations = mean_and_deviations(features, mask)
    covariance = products(deviations).cpu().double()  # on the processor: not every device has float64
    values, vectors = torch.linalg.eigh(covariance)
    root = (vectors * values.clamp_min(0).sqrt()[:, None]) @ vectors.mT
    return Gaussian(mean, root.to(features), deviations.square().sum((1, 2)))


def wasserstein(features: Tensor, target: Gaussian, mask: Tensor | None = None) -> Tensor:
    """Squared distance of the Gaussian of `features` (B, C, h, w) from `target`: a scalar, summed over B."""
    mean, deviations = mean_and_deviations(features, mask)
    channels, positions = deviations.shape[1:]
    if positions < channels:
        between = target.root @ deviations
        shared = between.mT @ between
    else:
        shared = target.root @ products(deviations) @ target.root
    least = (_SOFTENING * target.variance / channels).clamp_min(1e-9)[:, None]
    roots = (torch.linalg.eigvalsh(shared).clamp_min(0) + least.square()).sqrt() - least
    moved = (mean - target.mean).square().sum((1, 2))
    distances: Tensor = moved + deviations.square().sum((1, 2)) + target.variance - 2 * roots.sum(1)
    return distances.sum()
