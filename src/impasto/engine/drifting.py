"""The noise that strokes grow from moves with what a film shows: fixed to the screen it would look like a dirty lens.

What is carried along is not the noise, which would get blurred, but where in the noise each place looks.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.motion import warped

_TORN = 0.5
"""Strain at which noise looks stretched, so that fresh noise is taken: 0.5 is about one and a half times as long."""
_SQUARE = 2
"""Side in pixels of what has a drift of its own: a position of the finest features."""


class Drift:
    """How far, in pixels, noise has come with the things of a film, for each square of two pixels a side."""

    def __init__(self, state: Tensor | None = None) -> None:
        """`state` goes on from the `state` of another one."""
        self.state = state
        """(1, 5, h, w): how far to the right and down the noise lies that a square gets, and how much it is stretched
        to the right, downwards and askew; None before the first frame.
        """

    def __call__(self, flow: Tensor) -> Tensor:
        """The drift (1, 2, h, w) in a frame, of its `flow` (1, 2, H, W) to the one before."""
        flow = F.avg_pool2d(flow, _SQUARE, ceil_mode=True)
        if self.state is None:
            self.state = flow.new_zeros(1, 5, *flow.shape[2:])
        moved = warped(self.state, flow / _SQUARE) + torch.cat([flow, _strain(flow)], 1)
        right, down, askew = moved[:, 2:].square().unbind(1)
        torn = (right + down + 2 * askew > _TORN**2)[:, None]
        # Where all moves on average, but for that: fresh, and following the camera.
        fresh = moved.mean((2, 3), keepdim=True)
        fresh[:, 2:] = 0
        self.state = torch.where(torn, fresh, moved)
        return self.state[:, :2]


def _strain(flow: Tensor) -> Tensor:
    """How much a motion (1, 2, h, w) stretches to the right, downwards and askew, (1, 3, h, w)."""
    padded = F.pad(flow, (1, 1, 1, 1), mode="replicate")
    along = (padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]) / (2 * _SQUARE)
    down = (padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]) / (2 * _SQUARE)
    return torch.cat([along[:, :1], down[:, 1:], (along[:, 1:] + down[:, :1]) / 2], 1)
