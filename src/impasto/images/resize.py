"""Other sizes: how large a picture becomes, and pixels between the levels of a pyramid."""

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.images.packing import channels, packed, unpacked

SizeRule = Callable[[int, int], tuple[int, int]]
"""(height, width) of a source to (height, width) of what is made of it."""


def size_of(picture: Tensor) -> tuple[int, int]:
    """(height, width) of a picture, or of anything else that is (B, C, H, W)."""
    return picture.shape[2], picture.shape[3]


def fit(height: int, width: int, longest: int) -> tuple[int, int]:
    """(height, width) with the longer side `longest` and the shape kept; no side falls below 1."""
    return scaled((height, width), longest / max(height, width))


def same_area(height: int, width: int, side: float) -> tuple[int, int]:
    """(height, width) with the shape kept and, but for rounding, the area of a square of `side` pixels."""
    return scaled((height, width), side / math.sqrt(height * width))


def scaled(shape: Sequence[int], scale: float) -> tuple[int, int]:
    """(height, width) times `scale`, in whole pixels; no side falls below 1."""
    height, width = shape
    return max(1, round(height * scale)), max(1, round(width * scale))


def resize(pixels: Tensor, shape: tuple[int, int]) -> Tensor:
    """Pixels (B, C, H, W) in [0, 1], or packed, at `shape` = (h, w), in [0, 1]: bicubic, filtered where it shrinks.

    Pixels that have that shape already come back as they are, or unpacked.
    """
    pixels = unpacked(pixels)
    if tuple(pixels.shape[-2:]) == shape:
        return pixels
    resized = F.interpolate(pixels, size=shape, mode="bicubic", antialias=True)
    return resized.clamp(0, 1) if resized.requires_grad else resized.clamp_(0, 1)


def resized_packed(pixels: Tensor, shape: tuple[int, int]) -> Tensor:
    """The same, packed; a very large picture is never there in full precision."""
    if tuple(pixels.shape[-2:]) == shape:
        return packed(pixels)
    return torch.cat([packed(resize(channel, shape)) for (channel,) in channels(pixels, most=(3, *shape))], 1)


def sampled(picture: Tensor, most: int) -> Tensor:
    """Some rows and columns of a picture (B, C, H, W), so many of each at most: as they are, with all that varies."""
    down, right = (-(-side // most) for side in size_of(picture))
    return picture[:, :, ::down, ::right]


def averaged(values: Tensor, size: tuple[int, int]) -> Tensor:
    """`values` (B, C, H, W) at a `size` (h, w) that is no larger: the mean of what each position covers."""
    if values.device.type == "mps":  # which cannot, where sizes are no multiples
        return averaged(values.cpu(), size).to(values.device)
    return F.interpolate(values, size=size, mode="area")
