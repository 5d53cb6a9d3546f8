"""Color spaces: sRGB, the linear light behind it, and Oklab.

Oklab: B. Ottosson, "A perceptual color space for image processing", 2020. L is lightness in [0, 1], a and b are about
[-0.4, 0.4], and grays have a = b = 0. Pictures are (B, 3, H, W) in each of the spaces.
"""

import torch
from torch import Tensor

from impasto.images.strips import pixelwise

_LMS_FROM_LINEAR = torch.tensor(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=torch.float64,
)
_LAB_FROM_ROOT = torch.tensor(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=torch.float64,
)
_LINEAR_FROM_LMS = _LMS_FROM_LINEAR.inverse()
_ROOT_FROM_LAB = _LAB_FROM_ROOT.inverse()


def srgb_to_linear(pixels: Tensor) -> Tensor:
    """Light in [0, 1] of sRGB values in [0, 1] (IEC 61966-2-1)."""
    return torch.where(pixels <= 0.04045, pixels / 12.92, ((pixels.clamp_min(0) + 0.055) / 1.055) ** 2.4)


@pixelwise
def linear_to_srgb(light: Tensor) -> Tensor:
    """sRGB values in [0, 1] of light in [0, 1]; the inverse of `srgb_to_linear`."""
    return torch.where(light <= 0.0031308, light * 12.92, 1.055 * light.clamp_min(0) ** (1 / 2.4) - 0.055)


def linear_to_oklab(light: Tensor) -> Tensor:
    """Oklab (L, a, b) of linear sRGB; light outside [0, 1] is allowed."""
    lms = _apply(_LMS_FROM_LINEAR, light)
    return _apply(_LAB_FROM_ROOT, lms.sign() * lms.abs() ** (1 / 3))


def oklab_to_linear(lab: Tensor) -> Tensor:
    """Linear sRGB of Oklab; outside [0, 1] where no screen shows the color."""
    return _apply(_LINEAR_FROM_LMS, _apply(_ROOT_FROM_LAB, lab) ** 3)


@pixelwise
def srgb_to_oklab(pixels: Tensor) -> Tensor:
    """Oklab (L, a, b) of sRGB in [0, 1]."""
    return linear_to_oklab(srgb_to_linear(pixels))


@pixelwise
def oklab_to_srgb(lab: Tensor) -> Tensor:
    """sRGB in [0, 1] of Oklab. A color that no screen shows keeps its lightness and hue and loses chroma."""
    return linear_to_srgb(oklab_to_linear(_into_gamut(lab)).clamp(0, 1))


def _apply(matrix: Tensor, picture: Tensor) -> Tensor:
    return torch.einsum("ij,bjhw->bihw", matrix.to(picture.dtype).to(picture.device), picture)


def _into_gamut(lab: Tensor) -> Tensor:
    """`lab` with just enough chroma taken away, pixel by pixel, that sRGB can show it."""
    lightness, chroma = lab[:, :1].clamp(0, 1), lab[:, 1:]
    kept = torch.zeros_like(lightness)  # the share of chroma that surely fits: gray, 0, always does
    for halvings in range(13):
        share = kept + 0.5**halvings
        light = oklab_to_linear(torch.cat([lightness, chroma * share], dim=1))
        fits = ((light > -1e-6) & (light < 1 + 1e-6)).all(dim=1, keepdim=True) & (share <= 1)
        kept = torch.where(fits, share, kept)
    return torch.cat([lightness, chroma * kept], dim=1)
