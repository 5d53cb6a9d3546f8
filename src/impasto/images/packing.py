"""Pictures that wait for their turn in half the memory: 16 bits a number, as fine as any file has them."""

import torch
from torch import Tensor

from impasto.images.strips import strips

_MOST = 65535
_LARGE = 1 << 26
"""Numbers in a picture."""


def packed(pixels: Tensor) -> Tensor:
    """`pixels` (B, 3, H, W) in [0, 1] as whole numbers."""
    result = torch.empty(pixels.shape, dtype=torch.uint16, device=pixels.device)
    for rows in strips(*pixels.shape[2:]):
        result[:, :, rows] = (pixels[:, :, rows] * _MOST).round_().to(torch.uint16)
    return result


def packed_if_large(pixels: Tensor) -> Tensor:
    """`pixels`, `packed` where they take much memory."""
    return packed(pixels) if pixels.numel() > _LARGE else pixels


def unpacked(pixels: Tensor) -> Tensor:
    """What was `packed`, as pixels in [0, 1]; others as they are."""
    return pixels if pixels.is_floating_point() else pixels.float().div_(_MOST)
