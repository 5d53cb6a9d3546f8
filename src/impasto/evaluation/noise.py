"""Fine noise that neither the style nor the photo has."""

import torch
from torch import Tensor

from impasto.evaluation.spectrum import bands_from, energy
from impasto.images.color import srgb_to_oklab

_FINE = 0.25
"""Cycles a pixel above which detail is fine: waves of less than 4 pixels."""
_BANDS = 8
"""They reach the finest waves along rows and columns."""
_NONE = 1e-7
"""Variance that is none, of colors in [0, 1]."""


def excess_noise(picture: Tensor, style: Tensor, content: Tensor) -> float:
    """Energy of fine detail of `picture` over that of style and content, in decibels; 0 where there is none.

    All are (1, 3, H, W) of any sizes. In each of 8 bands of fine frequencies the larger of the two counts as allowed;
    the figure is the mean over the bands and the channels of Oklab.
    """
    own, *allowed = (_energy(srgb_to_oklab(each.double())) for each in (picture, style, content))
    return float((10 * torch.log10((own + _NONE) / (torch.maximum(*allowed) + _NONE))).clamp_min(0).mean())


def _energy(channels: Tensor) -> Tensor:
    height, width = channels.shape[2:]
    return energy(channels, bands_from(_FINE, _BANDS, height, width, channels.dtype, channels.device))
