"""A fresh painting of a frame, and the last one as the film has moved it: one painting that does not flicker."""

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.motion import Frame, around, warped
from impasto.motion.opencv import opencv

_ALIKE = 0.08
"""Difference of what two frames show, of 1, at which there is little left that they have in common."""
_CELL, _NEAR = 8, 2
"""Side in pixels of the squares in which it is looked for what moves, and how many of them away is near."""
_MOST_GAIN = 1.15
"""Times that the contrast of detail is raised, at most: from frame to frame it would add up."""
_FAINT = 1e-6
"""Energy of detail, of 1, that is none."""
_SQUARE = 8
"""Side in pixels of the squares in which detail is measured."""


def trust(frame: Frame, other: Frame, flow: Tensor, visible: Tensor, frames: int = 1) -> Tensor:
    """How far the painting of another frame holds at each place: (1, 1, H, W) in [0, 1], with soft edges.

    `frame` is compared with the `other` one, so many `frames` before, along the `flow` (1, 2, H, W) to it, where what
    is seen is `visible` (1, 1, H, W) in both.
    """
    height, width = frame.shape[:2]
    return enlarged(holding(likeness(frame, other, flow, frames), visible), (height, width))


def likeness(frame: Frame, other: Frame, flow: Tensor, frames: int = 1) -> Tensor:
    """How far two frames look the same along the flow from one to the other: (1, 1, h, w) in [0, 1].

    At half the size: that is fine enough for soft edges. The more `frames` they are apart, the more they may differ:
    light and flow change a little from each to the next.
    """
    now, then = _half(frame), _half(other)
    motion = F.interpolate(flow, now.shape[2:], mode="bilinear") / 2
    difference = around(now - warped(then, motion), 3).abs().amax(1, keepdim=True)
    return (-(difference / _ALIKE).square() / frames).exp()


def holding(likeness: Tensor, visible: Tensor | None = None) -> Tensor:
    """Of frames' `likeness` how far a painting holds, as large; everywhere, or where it is `visible` (1, 1, H, W)."""
    if visible is not None:
        likeness = likeness * without_specks(F.interpolate(visible, likeness.shape[2:], mode="bilinear"))
    # No further than it holds all around: what comes out from behind something is not painted as what hid it.
    return around(-F.max_pool2d(-likeness, 3, 1, 1), 3)


def enlarged(holding: Tensor, size: tuple[int, int]) -> Tensor:
    """The same for frames of a size (H, W)."""
    return F.interpolate(holding, scale_factor=2.0, mode="bilinear")[:, :, : size[0], : size[1]]


def _half(frame: Frame) -> Tensor:
    """(1, 3, h, w) in [0, 1]."""
    cv2 = opencv()
    height, width = ((side + 1) // 2 for side in frame.shape[:2])
    small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
    return torch.from_numpy(small).permute(2, 0, 1)[None].float().div_(255)


def undisturbed(rests: Tensor) -> Tensor:
    """What rests (1, 1, H, W), 1. or 0., and has nothing near that moves: there a painting may be kept to the bit.

    What is painted at the edge of something belongs to it. Kept as that moves on, edge after edge would make streaks.
    """
    moving = F.max_pool2d(1 - rests, _CELL, ceil_mode=True)
    near = F.max_pool2d(moving, 2 * _NEAR + 1, 1, _NEAR)
    height, width = rests.shape[2:]
    return 1 - F.interpolate(near, scale_factor=float(_CELL), mode="nearest")[:, :, :height, :width]


def without_specks(visible: Tensor) -> Tensor:
    """What is visible (1, 1, H, W), with soft edges: 0 only where most of what is around is not.

    Flow is unsure in single pixels of whatever has grain: nothing has come into sight there.
    """
    return (2 * around(visible, 3)).clamp_max(1)


def with_detail_of(fresh: Tensor, painted: Tensor, frames: int = 1) -> Tensor:
    """`painted` with the contrast of detail that `fresh` has in each place, both (1, 3, H, W) in [0, 1].

    Blending and resampling soften. Detail is lightness against the mean of a pixel and its neighbors, and is raised by
    `_MOST_GAIN` at most for each of the `frames` that have gone by since, never lowered.
    """
    wanted, detail = (_detail(each) for each in (fresh, painted))
    gain = ((_energy(wanted) + _FAINT) / (_energy(detail) + _FAINT)).sqrt().clamp(1, _MOST_GAIN**frames)
    height, width = painted.shape[2:]
    gain = F.interpolate(gain, scale_factor=float(_SQUARE), mode="bilinear")[:, :, :height, :width]
    return (painted + (gain - 1) * detail).clamp_(0, 1)


def _detail(picture: Tensor) -> Tensor:
    """(1, 1, H, W)."""
    gray = (picture[:, :1] + picture[:, 1:2] + picture[:, 2:]) / 3  # the mean over channels, several times as fast
    return gray - around(gray, 3)


def _energy(detail: Tensor) -> Tensor:
    """(1, 1, h, w): the mean over squares, and those around each."""
    return around(F.avg_pool2d(detail.square(), _SQUARE, ceil_mode=True), 3)
