"""Style as Gaussians, compared by the Wasserstein-2 distance (Gelbrich 1990; Olkin and Pukelsheim 1982).

Mroueh: Wasserstein Style Transfer, AISTATS 2020, moves the features of an encoder so; here the distance is made small.
Features at all positions are taken for a Gaussian cloud with a mean and a covariance. The distance is the least work
that moves one cloud onto the other: |m - m_t|^2 + tr S + tr S_t - 2 tr (S_t^1/2 S S_t^1/2)^1/2. Of the last matrix only
the trace of its root is wanted, which is the sum of the roots of its eigenvalues: no matrix root is iterated, but on
graphics cards (see `roots`). They are those of A' S A, too, where A A' is S_t, and A has as many columns as S_t has
directions.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from impasto.errors import WeightsError
from impasto.losses.roots import trace_of_root
from impasto.losses.statistics import Sums, mean_and_covariance

_SOFTENING = 1e-4
"""Of the target's mean variance: below it a direction counts as empty, where the root's gradient would be infinite."""
_ROUNDED = 1e-7
"""Of the target's squared mean: what float32 rounds a variance by. No softening is less, or that of a target of one
color would divide by nothing but rounding..."""
_LEAST = 1e-18
"""...or, where all is zero, by zero: float32 can just hold its square."""
_NOTHING = 1e-6
"""Of the target's variance: what all directions together may hold that are left out, as nothing is there."""
_NEAR = 0.03
"""Of what a black feature map is off by: nearer than that, float32 rounds roots by so much that gradients go astray. At
a hundredth a layer of 512 channels had a cosine of .6 to the true gradient; in float64 it has 1, for twice the time."""

_BLUR = 3e-5
"""Of the features' mean square: a variance in all directions that is more than what sums of float32 are rounded by.
Where roots are iterated none may be of a number below zero."""


class Gaussian(NamedTuple):
    """A cloud of features."""

    mean: Tensor
    """(B, C, 1)."""
    root: Tensor
    """(B, C, R), the covariance as this times its transpose; R is its rank, which is small where positions are few."""
    variance: Tensor
    """(B,), over all channels together: the trace of the covariance."""


def wasserstein_target(features: Tensor | Sums, mask: Tensor | None = None) -> Gaussian:
    """What of the style's features (B, C, h, w) the loss needs, each position counted by `mask` (B, 1, h, w).

    Raises `WeightsError` for features that are no numbers.
    """
    mean, covariance = mean_and_covariance(features, mask)
    if not covariance.isfinite().all():
        raise WeightsError(
            "what the network sees is more than numbers can hold: its weights and what it is shown do not fit each "
            "other. Check the file, and what wrote it."
        )
    # Elsewhere on the processor: not every device has float64.
    values, vectors = torch.linalg.eigh((covariance if covariance.is_cuda else covariance.cpu()).double())
    values = values.clamp_min(0)
    empty = values.cumsum(1) <= _NOTHING * values.sum(1, keepdim=True)  # from the smallest
    rank = max(1, int((~empty).sum(1).max()))
    root = (vectors * values.sqrt()[:, None])[..., -rank:]
    return Gaussian(mean, root.to(mean), _trace(covariance))


def wasserstein(features: Tensor | Sums, target: Gaussian, mask: Tensor | None = None) -> Tensor:
    """Squared distance of the Gaussian of `features` (B, C, h, w) from `target`: a scalar, summed over B."""
    mean, covariance = mean_and_covariance(features, mask)
    least = (_softening(target) / len(covariance[0])).clamp_min(_LEAST)[:, None]
    moved = (mean - target.mean).square().sum((1, 2))
    others = moved + _trace(covariance) + target.variance
    roots = (_iterated_roots if covariance.is_cuda else _exact_roots)(mean, covariance, target, least)
    if not covariance.is_cuda:  # a card is asked for nothing, and iterates in float64 anyway
        left, black = others - 2 * roots, target.mean.square().sum((1, 2)) + target.variance
        if any(one < _NEAR * whole for one, whole in zip(left.tolist(), black.tolist(), strict=True)):
            precise = target._replace(root=target.root.cpu().double())
            roots = _exact_roots(mean, covariance.cpu().double(), precise, least.cpu().double()).to(others)
    distances: Tensor = others - 2 * roots
    return distances.sum()


def _softening(target: Gaussian) -> Tensor:
    """(B,), in the units of a variance over all channels: so that it means the same for features of any size."""
    return torch.maximum(_SOFTENING * target.variance, _ROUNDED * target.mean.square().sum((1, 2)))


def _exact_roots(mean: Tensor, covariance: Tensor, target: Gaussian, least: Tensor) -> Tensor:
    """(B,), the sum of the roots, each softened by `least` (B, 1)."""
    shared = target.root.mT @ covariance @ target.root
    return ((_eigenvalues(shared).clamp_min(0) + least.square()).sqrt() - least).sum(1)


def _iterated_roots(mean: Tensor, covariance: Tensor, target: Gaussian, least: Tensor) -> Tensor:
    """The same to about a ten-thousandth, without a word from the device to the processor."""
    blur = _BLUR * (mean.square().mean((1, 2)) + _trace(covariance) / len(covariance[0])).detach().double()
    root, least = target.root.double(), least.double()
    spread = root * blur[:, None, None]
    shared = root.mT @ (covariance.double() @ root + spread)
    one = torch.eye(root.shape[2], dtype=root.dtype, device=root.device)
    return (trace_of_root(shared + least.square()[:, None] * one) - root.shape[2] * least[:, 0]).to(covariance)


def _eigenvalues(matrix: Tensor) -> Tensor:
    """(B, C), of symmetric matrices."""
    try:
        values: Tensor = torch.linalg.eigvalsh(matrix)
    except RuntimeError:
        if not matrix.isfinite().all():  # that is for those to see who look at the loss
            return matrix.diagonal(dim1=1, dim2=2) * math.nan
        # Few positions, and so many zeros among them, are too much for float32 at times.
        values = torch.linalg.eigvalsh(matrix.cpu().double()).to(matrix)
    return values


def _trace(covariance: Tensor) -> Tensor:
    """(B,): the variance of all channels together."""
    return covariance.diagonal(dim1=1, dim2=2).sum(1)
