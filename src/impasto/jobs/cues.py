"""Frames of a film -> cues for its painter: which begin a shot, and how things have moved."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.methods.film import Cue, Motion
from impasto.motion import Cuts, Frame, chained, flow, resized, visible
from impasto.video.frames import FilmFrame


@dataclass(frozen=True)
class _Step:
    """From a frame to an earlier one, and back."""

    flow: Tensor
    """(1, 2, H, W)."""
    back: Tensor
    """(1, 2, h, w), at half the size: where something has come into sight need not be known to the pixel."""

    def motion(self) -> Motion:
        """With where it holds."""
        small = (self.back.shape[2], self.back.shape[3])
        holds = visible(resized(self.flow, small), self.back)
        return Motion(self.flow, F.interpolate(holds, size=self.flow.shape[2:]))


def cues(
    frames: Iterator[FilmFrame], offset: Fraction, steps_back: Sequence[int], shot: int, done: int
) -> Iterator[tuple[FilmFrame, Cue | None]]:
    """Each frame with its cue; of the first `done`, which are painted already, none.

    `shot` is the number of the frame with which the shot began that goes on after them: nothing before it matters.
    `offset` seconds of the file come before the first frame.
    """
    cuts = Cuts()
    seen: deque[Frame] = deque(maxlen=max(steps_back, default=1))
    steps: deque[_Step] = deque(maxlen=max(steps_back, default=1))
    for number, frame in enumerate(frames):
        if number < shot:
            yield frame, None
            continue
        begins = cuts(frame.pixels) or number == shot
        if begins:
            seen.clear()
            steps.clear()
        elif steps_back and number > done - max(steps_back):
            steps.append(_step(frame.pixels, seen[-1]))
        if number < done:
            yield frame, None
        else:
            motions = {back: _motion(frame.pixels, seen, steps, back) for back in steps_back if back <= len(seen)}
            yield frame, Cue(number, float(frame.time + offset), frame.pixels, begins, motions)
        seen.append(frame.pixels)


def _step(frame: Frame, before: Frame) -> _Step:
    if np.array_equal(frame, before):
        nothing = torch.zeros(1, 2, *frame.shape[:2])
        return _Step(nothing, nothing)
    return _Step(flow(frame, before), flow(_halved(before), _halved(frame)))


def _halved(frame: Frame) -> Frame:
    """The mean of each square of two pixels a side; a last row or column of its own is left out."""
    height, width = (max(1, side // 2) for side in frame.shape[:2])
    if min(frame.shape[:2]) < 2:
        return frame
    squares = frame[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3)
    return np.asarray((squares.astype(np.uint16).sum((1, 3)) + 2) // 4, np.uint8)


def _motion(frame: Frame, seen: Sequence[Frame], steps: Sequence[_Step], back: int) -> Motion:
    """From a frame to one that lies so far back; with what lies between to begin with."""
    between = [steps[-number] for number in range(1, back + 1)]
    if back == 1:
        found = between[0]
    else:
        there = reduce(chained, [step.flow for step in between])
        home = reduce(chained, [step.back for step in reversed(between)])
        earlier = seen[-back]
        found = _Step(flow(frame, earlier, there), flow(_halved(earlier), _halved(frame), home))
    return found.motion()
