"""Where a flow can be trusted (Ruder, Dosovitskiy, Brox: Artistic Style Transfer for Videos, 2016, section 4.1)."""

import torch
from torch import Tensor

from impasto.motion.warp import warped


def visible(motion: Tensor, back: Tensor) -> Tensor:
    """Where `motion` (1, 2, H, W) holds: (1, 1, H, W), 1. where what is seen there is seen in the other frame, else 0.

    `back` is the flow of the other frame to this one. A pixel is not visible there if the way there and back does not
    end where it began (equation 5), at the border of what moves, where a flow is not exact (equation 6), or if it has
    left the frame, which the paper does not write down.
    """
    returned = warped(back, motion)
    length = _squared(motion)
    lost = _squared(motion + returned) > 0.01 * (length + _squared(returned)) + 0.5
    border = _slope(motion) > 0.01 * length + 0.002
    return (~lost & ~border & _inside(motion)).to(motion.dtype)


def _squared(vectors: Tensor) -> Tensor:
    """Squared lengths (B, 1, H, W)."""
    return vectors.square().sum(1, keepdim=True)


def _slope(motion: Tensor) -> Tensor:
    """Sum of the squares of all first derivatives (B, 1, H, W), by central differences; at the frame's border half."""
    padded = torch.nn.functional.pad(motion, (1, 1, 1, 1), mode="replicate")
    right = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    return _squared(right) + _squared(down)


def _inside(motion: Tensor) -> Tensor:
    """Whether the end of each vector lies on a pixel of the frame: (B, 1, H, W)."""
    height, width = motion.shape[2:]
    x = torch.arange(width, device=motion.device) + motion[:, :1]
    y = torch.arange(height, device=motion.device)[:, None] + motion[:, 1:]
    return (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
