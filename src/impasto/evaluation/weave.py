"""Threads along rows and columns, as convolutions leave them, that neither the style nor the photo has."""

import math

import torch
from torch import Tensor

from impasto.evaluation.spectrum import DIRECTIONS, WIDTH, directed_bands, energy
from impasto.images.color import srgb_to_oklab

FIRST = WIDTH
"""Cycles a pixel from which waves are looked at: those of 32 pixels..."""
BANDS = 16
"""...down to those of two."""
_NONE = 1e-7
"""Variance that is none, of colors in [0, 1]."""
_DECIBELS = 10 / math.log(10)


def excess_weave(picture: Tensor, style: Tensor, content: Tensor) -> float:
    """How much more of `picture` runs along rows and columns than of style and content, in decibels.

    All are (1, 3, H, W) of any sizes. In each of 16 bands of frequencies, the energy of waves along rows, and of those
    along columns, is measured by that of all others, and what is beyond the larger one of style and content counts. The
    figure is the mean over the bands, rows and columns, and the channels of Oklab.
    """
    own, *allowed = (_straightness_of(srgb_to_oklab(each.double())) for each in (picture, style, content))
    return _DECIBELS * float((own - torch.maximum(*allowed)).clamp_min(0).mean())


def straightness(directed: Tensor, none: float) -> Tensor:
    """The logarithm of the energy along rows, and along columns, over that in other directions (..., 2).

    `directed` is the energy (..., DIRECTIONS), and `none` as much as nobody sees.
    """
    seen = (directed + none).log()
    return seen[..., :-1] - seen[..., -1:]


def _straightness_of(channels: Tensor) -> Tensor:
    height, width = channels.shape[2:]
    bands = directed_bands(FIRST, BANDS, height, width, channels.dtype, channels.device)
    return straightness(energy(channels, bands).view(1, -1, BANDS, DIRECTIONS), _NONE)
