"""How much of a picture's variation has which frequency, and which direction."""

from typing import NamedTuple

import torch
from torch import Tensor

WIDTH = 1 / 32
"""Of a band of frequencies, in cycles a pixel."""
DIRECTIONS = 3
"""Along rows, along columns, and all others."""
_NEAR = 15.0
"""Degrees up to which a wave runs along a row or a column."""


class Bands(NamedTuple):
    """Bands of frequencies, or parts of them, of maps of one size."""

    window: Tensor
    """(H, W), zero at the border, which would else count as an edge."""
    number: Tensor
    """(H * W,), of the band that each position of the spectrum belongs to, from 0; the last one is no band."""
    sizes: Tensor
    """How many positions there are in each."""


def bands_from(first: float, count: int, height: int, width: int, dtype: torch.dtype, device: torch.device) -> Bands:
    """So many bands from a frequency on, in cycles a pixel, each `WIDTH` wide."""
    rows, columns = _frequencies(height, width)
    number = (((rows.square() + columns.square()).sqrt() - first) / WIDTH).floor().long().flatten()
    number[(number < 0) | (number > count)] = count
    window = torch.hann_window(height, dtype=dtype)[:, None] * torch.hann_window(width, dtype=dtype)
    return _counted(window, number, count, device)


def directed_bands(
    first: float, count: int, height: int, width: int, dtype: torch.dtype, device: torch.device
) -> Bands:
    """Of each of these bands the `DIRECTIONS`, one after the other."""
    window, number, _ = bands_from(first, count, height, width, dtype, torch.device("cpu"))
    rows, columns = _frequencies(height, width)
    angle = torch.atan2(rows.abs(), columns.abs()).rad2deg().flatten()
    direction = torch.full_like(number, 2).masked_fill(angle <= _NEAR, 0).masked_fill(angle >= 90 - _NEAR, 1)
    parts = DIRECTIONS * count
    return _counted(window, (DIRECTIONS * number + direction).clamp_max(parts), parts, device)


def energy(channels: Tensor, bands: Bands) -> Tensor:
    """Energy (B, C, bands) of (B, C, H, W) in bands of frequencies: of white noise in each the variance."""
    varying = (channels - channels.mean((2, 3), keepdim=True)) * bands.window
    spectrum = torch.view_as_real(torch.fft.fft2(varying)).square().sum(-1).flatten(2)
    sums = spectrum.new_zeros(*spectrum.shape[:2], len(bands.sizes) + 1).index_add(2, bands.number, spectrum)
    return sums[:, :, :-1] / (bands.sizes * bands.window.square().sum())


def _frequencies(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Down the rows (H, 1), and along them (1, W), in cycles a pixel."""
    rows, columns = (torch.fft.fftfreq(length, dtype=torch.float64) for length in (height, width))
    return rows[:, None], columns[None]


def _counted(window: Tensor, number: Tensor, count: int, device: torch.device) -> Bands:
    sizes = torch.bincount(number, minlength=count + 1)[:count].clamp_min(1)
    return Bands(window.to(device), number.to(device), sizes.to(device, window.dtype))
