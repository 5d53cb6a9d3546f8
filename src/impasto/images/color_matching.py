"""Changes of color that give a picture the colors of another one: their mean and covariance, or their whole cloud.

Each is learned from two pictures, and then done to any colors in Oklab. Pixels count as `here`, in the picture, and
`there`, in its target, weigh them, (1, 1, H, W) in [0, 1]; None for all alike.
"""

from collections.abc import Callable
from functools import reduce

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.images.color import srgb_to_oklab
from impasto.images.resize import sampled
from impasto.images.strips import strips

_STRETCH = 2.5
"""Times that colors may vary more than they did after they were matched."""
_ROTATIONS = 16
"""Of the axes along which histograms are matched: the cloud has its shape after about ten."""
_KNOTS = 256
"""Quantiles of a histogram: fewer than colors in a picture, so that noise is not matched."""
_SAME = 1e-6
"""What rounding may put between two colors that are the same, in Oklab."""
_UTMOST = 2
"""Quantiles at either end, half a percent, that are not counted in a picture's range of colors."""
_FLATTEST = 0.3
"""The least that colors are scaled by, to end where they have to: forms should not be lost altogether."""
_LOOKED_AT = 512
"""Rows, and columns, that a picture's range of colors is looked for in, at most."""

Change = Callable[[Tensor], Tensor]
"""Of colors (1, 3, H, W) in Oklab."""
_Numbers = NDArray[np.float64]


def linear(picture: Tensor, target: Tensor, here: Tensor | None = None, there: Tensor | None = None) -> Change:
    """Mean and covariance over all pixels become those of `target`; both (B, 3, H, W), sRGB in [0, 1].

    The linear map that moves colors least: A = S^-1/2 (S^1/2 T S^1/2)^1/2 S^-1/2 for covariances S and T (F. Pitié and
    A. Kokaram, "The linear Monge-Kantorovitch linear colour mapping", 2007). Departure: no direction is stretched more
    than `_STRETCH` times; where colors hardly vary, what does vary is noise.
    """
    mean, covariance = _moments(picture, here)
    target_mean, target_covariance = _moments(target, there)
    root, inverse = _power(covariance, 0.5), _power(covariance, -0.5)
    matrix = _power(inverse @ _power(root @ target_covariance @ root, 0.5) @ inverse, 1, most=_STRETCH)
    shift = target_mean - matrix @ mean

    def change(colors: Tensor) -> Tensor:
        return torch.einsum("ij,bjhw->bihw", _like(colors, matrix), colors) + _like(colors, shift)[:, None, None]

    return change


def linear_in_range(picture: Tensor, target: Tensor, here: Tensor | None = None, there: Tensor | None = None) -> Change:
    """The same, each channel scaled on either side of its middle so that it ends where the target's does."""
    moved = linear(picture, target, here, there)
    seen, wanted = _glanced_at(picture, here), _glanced_at(target, there)
    least, middle, most = _range(moved(seen[0]), seen[1])
    lowest, _, highest = _range(*wanted)
    below, above = (
        ((end - middle) / (reached - middle)).nan_to_num(1).clamp(_FLATTEST, 1)
        for end, reached in ((lowest, least), (highest, most))
    )

    def change(colors: Tensor) -> Tensor:
        apart = moved(colors)
        center, less, more = (_like(apart, each) for each in (middle, below, above))
        apart.sub_(center)
        return center + apart * torch.where(apart > 0, more, less)

    return change


def histograms(values: Tensor, target: Tensor, here: Tensor | None = None, there: Tensor | None = None) -> Change:
    """Each channel of `values` mapped so that its histogram is that of `target`; both (1, 3, H, W) in Oklab."""
    return _along(values, target, here, there, torch.eye(3, dtype=torch.float64))


def cloud(values: Tensor, target: Tensor, here: Tensor | None = None, there: Tensor | None = None) -> Change:
    """`values` moved until their cloud of colors is that of `target`; both (1, 3, H, W) in Oklab.

    F. Pitié, A. Kokaram, R. Dahyot, "Automated colour grading using colour distribution transfer", 2007: histograms
    matched along the axes of one random rotation after the other.
    """
    draw, steps = torch.Generator().manual_seed(0), list[Change]()
    for _ in range(_ROTATIONS):
        axes = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=draw)).Q
        steps.append(_along(values, target, here, there, axes))
        values = steps[-1](values)
    return lambda values: reduce(lambda each, step: step(each), steps, values)


def _glanced_at(picture: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Oklab of some of the pixels of a picture, and their part of its mask."""
    return srgb_to_oklab(sampled(picture, _LOOKED_AT)), None if mask is None else sampled(mask, _LOOKED_AT)


def _range(lab: Tensor, mask: Tensor | None) -> Tensor:
    """The least, the middle and the most (3, 3, 1, 1) of each channel of pixels (1, 3, H, W), but for the utmost."""
    knots = _quantiles(lab[0].flatten(1).cpu().double(), mask)
    return knots[:, [_UTMOST, _KNOTS // 2, -1 - _UTMOST]].T[:, :, None, None]


def _along(values: Tensor, target: Tensor, here: Tensor | None, there: Tensor | None, axes: Tensor) -> Change:
    """Matches histograms along each of `axes` (3, 3), which are orthonormal rows."""

    def turned(values: Tensor) -> Tensor:
        return torch.einsum("ij,jn->in", axes, values[0].flatten(1).cpu().double())

    quantiles = zip(_quantiles(turned(values), here), _quantiles(turned(target), there), strict=True)
    curves = [_without_ties(known.numpy(), places.numpy()) for known, places in quantiles]

    def change(values: Tensor) -> Tensor:
        moved = [np.interp(each, *curve) for each, curve in zip(turned(values).numpy(), curves, strict=True)]
        back = torch.einsum("ij,in->jn", axes, torch.from_numpy(np.stack(moved)))
        return _like(values, back.view_as(values[0]))[None]

    return change


def _without_ties(known: _Numbers, places: _Numbers) -> tuple[_Numbers, _Numbers]:
    """Quantiles (k,), ascending, and where they go, each color once.

    A color that stands for many quantiles, as of paper left white, goes to the mean of their places: at the first of
    them it would lie at the end of what it should be the middle of, and the picture be as much darker.
    """
    number = np.append(0, (np.diff(known) > _SAME).cumsum())
    count = np.bincount(number)
    return np.bincount(number, known) / count, np.bincount(number, places) / count


def _quantiles(values: Tensor, mask: Tensor | None) -> Tensor:
    """Quantiles (3, k), ascending, of each row of `values` (3, n), counted by `mask` (1, 1, H, W).

    The least and the largest value are among them: a small, bright spot is as far out as that.
    """
    numbers = values.numpy()  # NumPy sorts in a fraction of the time that torch takes
    if mask is None:
        ordered = torch.from_numpy(np.sort(numbers))
        filled = torch.arange(1, values.shape[1] + 1, dtype=torch.float64)[None]
    else:
        order = torch.from_numpy(np.argsort(numbers))
        ordered, filled = values.gather(1, order), mask.flatten().cpu().double()[order].cumsum(1)
    marks = torch.cat([torch.tensor([0.0]), (torch.arange(_KNOTS) + 0.5) / _KNOTS, torch.tensor([1.0])])
    # What counts for nothing comes before the first mark, and is no part of it.
    chosen = torch.searchsorted(filled, (marks * filled[:, -1:]).clamp_min(1e-12)).clamp_max(values.shape[1] - 1)
    return ordered.gather(1, chosen.expand(len(values), -1))


def _moments(picture: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean (3,) and covariance (3, 3) of pixels in Oklab; float64 on the CPU: not every device has that."""
    sums = torch.zeros(4, 4, dtype=torch.float64)
    for rows in strips(*picture.shape[2:]):
        colors = srgb_to_oklab(picture[:, :, rows]).transpose(0, 1).flatten(1).cpu().double()  # (3, B*h*W)
        weights = torch.ones(colors.shape[1]) if mask is None else mask[:, :, rows].flatten().cpu()
        seen = torch.cat([colors, torch.ones_like(colors[:1])])
        sums += (seen * weights.double()) @ seen.T
    moments = sums / sums[3, 3].clamp_min(1e-12)
    mean = moments[:3, 3]
    return mean, moments[:3, :3] - mean[:, None] * mean


def _like(values: Tensor, other: Tensor) -> Tensor:
    return other.to(values.dtype).to(values.device)


def _power(symmetric: Tensor, exponent: float, most: float = float("inf")) -> Tensor:
    """A power of a symmetric positive matrix; the eigenvalues of the result are held at `most` or below."""
    values, vectors = torch.linalg.eigh(symmetric)
    powers = (values.clamp_min(1e-12) ** exponent).clamp_max(most)
    power: Tensor = vectors @ torch.diag(powers) @ vectors.T
    return power
