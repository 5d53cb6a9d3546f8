"""Fine noise that neither the style nor the photo has."""

from typing import NamedTuple

import torch
from torch import Tensor

from impasto.images.color import srgb_to_oklab

_FINE = 0.25
"""Cycles a pixel above which detail is fine: waves of less than 4 pixels."""
_WIDTH = 1 / 32
"""Of a band of fine frequencies, in cycles a pixel."""
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


class Bands(NamedTuple):
    """Bands of frequencies, of maps of one size."""

    window: Tensor
    """(H, W), zero at the border, which would else count as an edge."""
    number: Tensor
    """(H * W,), of the band that each position of the spectrum belongs to, from 0; the last one is no band."""
    sizes: Tensor
    """How many positions there are in each."""


def bands_from(first: float, count: int, height: int, width: int, dtype: torch.dtype, device: torch.device) -> Bands:
    """So many bands from a frequency on, each 1/32 of a cycle a pixel wide."""
    rows, columns = (torch.fft.fftfreq(length, dtype=torch.float64) for length in (height, width))
    frequency = (rows[:, None].square() + columns.square()).sqrt().flatten()
    number = ((frequency - first) / _WIDTH).floor().long()
    number[(number < 0) | (number > count)] = count
    window = torch.hann_window(height, dtype=dtype)[:, None] * torch.hann_window(width, dtype=dtype)
    sizes = torch.bincount(number, minlength=count + 1)[:count].clamp_min(1)
    return Bands(window.to(device), number.to(device), sizes.to(device, dtype))


def energy(channels: Tensor, bands: Bands) -> Tensor:
    """Energy (B, C, bands) of (B, C, H, W) in bands of frequencies: of white noise in each the variance."""
    varying = (channels - channels.mean((2, 3), keepdim=True)) * bands.window
    spectrum = torch.view_as_real(torch.fft.fft2(varying)).square().sum(-1).flatten(2)
    sums = spectrum.new_zeros(*spectrum.shape[:2], len(bands.sizes) + 1).index_add(2, bands.number, spectrum)
    return sums[:, :, :-1] / (bands.sizes * bands.window.square().sum())
