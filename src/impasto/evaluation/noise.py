"""Fine noise that neither the style nor the photo has."""

import torch
from torch import Tensor

from impasto.images.color import srgb_to_oklab

_FINE = 0.25
"""Cycles a pixel above which detail is fine: waves of less than 4 pixels."""
_BANDS = 8


def excess_noise(picture: Tensor, style: Tensor, content: Tensor) -> float:
    """Energy of fine detail of `picture` over that of style and content, in decibels; 0 where there is none.

    All are (1, 3, H, W) of any sizes. In each of 8 bands of fine frequencies the larger of the two counts as allowed;
    the figure is the mean over the bands and the channels of Oklab.
    """
    allowed = torch.maximum(_fine_energy(style), _fine_energy(content))
    return float((10 * torch.log10(_fine_energy(picture) / allowed)).clamp_min(0).mean())


def _fine_energy(picture: Tensor) -> Tensor:
    """Energy (3, bands) of Oklab's channels, a pixel, in bands of frequency from `_FINE` to the finest."""
    lab = srgb_to_oklab(picture.double())[0]
    height, width = lab.shape[1:]
    # A window that falls to zero at the border, which would else count as an edge.
    window = torch.hann_window(height, dtype=lab.dtype)[:, None] * torch.hann_window(width, dtype=lab.dtype)
    spectrum = torch.fft.fft2((lab - lab.mean((1, 2), keepdim=True)) * window).abs().square()
    spectrum = spectrum / (window.square().sum() * height * width)
    frequency = (torch.fft.fftfreq(height)[:, None].square() + torch.fft.fftfreq(width).square()).sqrt()
    band = ((frequency - _FINE) / (0.5 - _FINE) * _BANDS).floor()
    return torch.stack([spectrum[:, band == number].mean(1) for number in range(_BANDS)], dim=1) + 1e-12
