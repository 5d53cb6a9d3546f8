"""Pictures and flows, moved by a flow."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.motion.opencv import opencv


def warped(picture: Tensor, motion: Tensor) -> Tensor:
    """(B, C, H, W): at p what `picture` (B, C, H, W) has at p + `motion`(p), bilinear, the border repeated.

    `motion` is (1, 2, H, W) or (B, 2, H, W), pixels (x, y). So a later picture is brought to where the things were in
    an earlier one by the flow from the earlier to the later, and the other way round. Where nothing moves the picture
    comes back but for rounding. Differentiable in both.
    """
    return _sampled(picture, motion, "bilinear")


def warped_sharply(picture: Tensor, motion: Tensor) -> Tensor:
    """What `warped` gives of one picture, bicubic: what is warped from frame to frame stays sharp for longer.

    Not held in [0, 1], and not differentiable. On processors by OpenCV, which needs half of torch's time, and looks to
    a 32nd of a pixel where each place comes from.
    """
    if picture.device.type != "cpu":
        return _sampled(picture, motion, "bicubic")
    cv2 = opencv()
    height, width = picture.shape[2:]
    across, down = motion[0].float().numpy()
    places = across + np.arange(width, dtype=np.float32), down + np.arange(height, dtype=np.float32)[:, None]
    maps = cv2.convertMaps(*places, cv2.CV_16SC2)
    planes = [
        cv2.remap(plane.numpy(), *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        for plane in picture[0].contiguous()
    ]
    return torch.from_numpy(np.stack(planes))[None]


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
