"""What a painting has that neither its photo nor its style has. The features of networks hardly see it; people do."""

from functools import cache

import torch
from torch import Tensor

from impasto.evaluation.spectrum import DIRECTIONS, Bands, directed_bands, energy
from impasto.evaluation.weave import BANDS, FIRST, straightness

_ALL = 22
"""Bands: they reach the finest waves that there are, those of a checkerboard."""
_FINE = 7
"""The first band of waves of less than four pixels."""
_UNSEEN = 256.0**-2
"""Variance of detail that nobody sees: where a picture is flat, nothing must be."""


def artifacts(painted: Tensor, photos: Tensor, styles: Tensor) -> dict[str, Tensor]:
    """By name, each (B,), of pictures (B, C, H, W) of even sides, whose channels are gray and differences of color.

    `grain` is the share of fine detail that neither picture has, from 0 to 1. `weave` is how far the energy of waves
    along rows and columns, over that of the others, is from what the two pictures have, as a logarithm: convolutions
    fall into such threads, and where a style has detail enough, they are no grain. `grid` is how differently pixels
    change within a square of two, and from one square to the next, as a logarithm, too: the last convolution makes
    a whole square at a time.
    """
    own, *others = map(_energies, (painted, photos, styles))
    return {"grain": _grain(own, *others), "weave": _weave(own, *others), "grid": _grid(painted)}


def _energies(channels: Tensor) -> tuple[Tensor, Tensor]:
    """Energy in bands of fine detail (B, C, bands), and by direction (B, C, bands, directions)."""
    bands = _bands(*channels.shape[2:], channels.dtype, channels.device)
    directed = energy(channels, bands).view(*channels.shape[:2], _ALL, DIRECTIONS)
    sizes = bands.sizes.view(_ALL, DIRECTIONS)
    return (directed * sizes / sizes.sum(1, keepdim=True)).sum(3)[:, :, _FINE:], directed[:, :, :BANDS]


def _grain(own: tuple[Tensor, Tensor], *others: tuple[Tensor, Tensor]) -> Tensor:
    fine, allowed = own[0], torch.maximum(*(each for each, _ in others))
    return ((fine - allowed).clamp_min(0) / (fine + allowed + _UNSEEN)).mean((1, 2))


def _weave(own: tuple[Tensor, Tensor], *others: tuple[Tensor, Tensor]) -> Tensor:
    """Too few threads count as well, or they would only turn by half a right angle."""
    straight, *known = (straightness(directed, _UNSEEN) for _, directed in (own, *others))
    least, most = torch.minimum(*known), torch.maximum(*known)
    return (straight - straight.clamp(least, most)).abs().mean((1, 2, 3))


def _grid(pictures: Tensor) -> Tensor:
    apart = []
    for rows in (pictures, pictures.mT):
        pairs = rows.reshape(*rows.shape[:3], -1, 2)
        within, between = pairs.diff(dim=4), pairs[..., 1:, :1] - pairs[..., :-1, 1:]
        sizes = [change.square().mean((1, 2, 3, 4)) + _UNSEEN for change in (within, between)]
        apart.append((sizes[0] / sizes[1]).log().abs())
    return torch.stack(apart).mean(0)


@cache
def _bands(height: int, width: int, dtype: torch.dtype, device: torch.device) -> Bands:
    """Kept: while work for a graphics card is captured, nothing can be brought there."""
    with torch.inference_mode(False):  # whoever asks first, they are learned with
        return directed_bands(FIRST, _ALL, height, width, dtype, device)
