"""Pictures that say where: soft gray masks, and maps whose colors name regions."""

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.images.picture import PictureLike
from impasto.images.reading import read
from impasto.settings import SizeSettings
from impasto.settings.regions import COLORS

_COLORFUL = 0.25
"""How far apart a pixel's channels are where it has a color at all..."""
_SPECK = 0.002
"""...and the share of the pixels, below which that, or a region, is taken for a speck of dirt."""


def read_regions(source: PictureLike, settings: SizeSettings, shape: tuple[int, int]) -> dict[str, Tensor]:
    """Where each region of a map is, (1, 1, H, W) in [0, 1] at `shape`, by the name of its color; together 1.

    `source` is a picture as `read` takes it, of any size, stretched to the shape; what is transparent counts as black.
    A gray one is a soft mask: its light belongs to `white`, the rest to `black`. In a colored one each pixel belongs to
    the nearest of eight pure colors.
    Raises `ImageError` for a picture that cannot be read.
    """
    picture = read(source, settings)
    pixels = picture.pixels if picture.alpha is None else picture.pixels * picture.alpha
    colorful = (pixels.amax(1) - pixels.amin(1) > _COLORFUL).float().mean() > _SPECK
    regions = _by_color(pixels) if colorful else _by_light(pixels)
    kept = {name: resized_mask(where, shape) for name, where in regions.items() if where.mean() > _SPECK}
    whole = sum(kept.values(), torch.zeros(1, 1, *shape)).clamp_min(1e-6)
    return {name: where / whole for name, where in kept.items()}


def _by_light(pixels: Tensor) -> dict[str, Tensor]:
    light = pixels.mean(1, keepdim=True)
    return {"black": 1 - light, "white": light}


def _by_color(pixels: Tensor) -> dict[str, Tensor]:
    on = pixels > 0.5  # channel by channel: that is the nearest corner of the cube of colors
    corners = {name: pixels.new_tensor(color).bool().view(1, 3, 1, 1) for name, color in COLORS.items()}
    return {name: (on == corner).all(1, keepdim=True).float() for name, corner in corners.items()}


def resized_mask(where: Tensor, shape: tuple[int, int]) -> Tensor:
    """A mask (1, 1, h, w), averaged where it shrinks, and with a soft edge where it grows."""
    smaller = [min(pair) for pair in zip(where.shape[2:], shape, strict=True)]
    averaged = F.interpolate(where, size=smaller, mode="area")
    return F.interpolate(averaged, size=shape, mode="bilinear", align_corners=False)
