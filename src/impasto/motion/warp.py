"""Pictures and flows, moved by a flow."""

import torch
import torch.nn.functional as F
from torch import Tensor


def warped(picture: Tensor, motion: Tensor) -> Tensor:
    """(B, C, H, W): at p what `picture` (B, C, H, W) has at p + `motion`(p), bilinear, the border repeated.

    `motion` is (1, 2, H, W) or (B, 2, H, W), pixels (x, y). So a later picture is brought to where the things were in
    an earlier one by the flow from the earlier to the later, and the other way round. Where nothing moves the picture
    comes back but for rounding. Differentiable in both.
    """
    return _sampled(picture, motion, "bilinear")


def warped_sharply(picture: Tensor, motion: Tensor) -> Tensor:
    """What `warped` gives, bicubic: what is warped from frame to frame stays sharp for longer. Not held in [0, 1]."""
    return _sampled(picture, motion, "bicubic")


def _sampled(picture: Tensor, motion: Tensor, mode: str) -> Tensor:
    height, width = picture.shape[2:]
    x = torch.arange(width, device=motion.device, dtype=motion.dtype) + motion[:, 0]
    y = torch.arange(height, device=motion.device, dtype=motion.dtype)[:, None] + motion[:, 1]
    # The corners of the frame, at the middle of its corner pixels, are -1 and 1 to torch.
    grid = torch.stack([x * (2 / max(width - 1, 1)) - 1, y * (2 / max(height - 1, 1)) - 1], dim=-1)  # (B, H, W, 2)
    grid = grid.to(picture.dtype).expand(len(picture), -1, -1, -1)
    return F.grid_sample(picture, grid, mode=mode, padding_mode="border", align_corners=True)


def chained(first: Tensor, second: Tensor) -> Tensor:
    """The flow (1, 2, H, W) from a frame to the next but one: `first` to the next, `second` from there on."""
    return first + warped(second, first)


def resized(motion: Tensor, shape: tuple[int, int]) -> Tensor:
    """`motion` (B, 2, H, W) for frames of `shape` (h, w): as many pixels longer as the frames are larger.

    Bilinear where it grows, the mean of what falls together where it shrinks.
    """
    height, width = motion.shape[2:]
    if (height, width) == shape:
        return motion
    factors = torch.tensor([shape[1] / width, shape[0] / height], dtype=motion.dtype, device=motion.device)
    return F.interpolate(motion, size=shape, mode="bilinear", antialias=True) * factors[:, None, None]
