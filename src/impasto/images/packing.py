"""Pictures that wait for their turn in half the memory: 16 bits a number, as fine as any file has them."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from impasto.images.strips import strips

_MOST = 65535
_LARGE = 1 << 26
"""Numbers in a picture."""


def packed(pixels: Tensor) -> Tensor:
    """`pixels` (B, 3, H, W) in [0, 1] as whole numbers; what is packed already stays as it is."""
    if not pixels.is_floating_point():
        return pixels
    result = torch.empty(pixels.shape, dtype=torch.uint16, device=pixels.device)
    for rows in strips(*pixels.shape[2:]):
        result[:, :, rows] = (pixels[:, :, rows] * _MOST).round_().to(torch.uint16)
    return result


def packed_if_large(pixels: Tensor) -> Tensor:
    """`pixels`, `packed` where they take much memory."""
    return packed(pixels) if is_large(pixels.shape) else pixels


def room(shape: Sequence[int]) -> Tensor:
    """A picture (B, 3, H, W) on the CPU to be filled in, `packed` where it takes much memory."""
    return torch.empty(shape, dtype=torch.uint16 if is_large(shape) else torch.float32)


def is_large(shape: Sequence[int]) -> bool:
    """Whether a picture (B, 3, H, W) takes much memory."""
    return math.prod(shape) > _LARGE


def channels(*pictures: Tensor, most: Sequence[int] = ()) -> Iterator[tuple[Tensor, ...]]:
    """Pictures (B, 3, H, W), and what becomes of them: all channels at once, or of very large ones each by itself.

    In full precision three channels would fill the memory then. `most` is the shape of what is still to be made.
    """
    shapes = [*(picture.shape for picture in pictures), most]
    each = 1 if any(map(is_large, shapes)) else 3
    return zip(*(torch.split(picture, each, 1) for picture in pictures), strict=True)


def as_packed_as(other: Tensor, pixels: Tensor) -> Tensor:
    """`pixels`, in the way of `other`: `packed`, or as they are."""
    return pixels if other.is_floating_point() else packed(pixels)


def unpacked(pixels: Tensor) -> Tensor:
    """What was `packed`, as pixels in [0, 1]; others as they are."""
    return pixels if pixels.is_floating_point() else pixels.float().div_(_MOST)
