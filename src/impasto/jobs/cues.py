"""Frames of a film -> cues for its painter: which begin a shot, and how things have moved."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import reduce

import numpy as np
import torch

from impasto.methods.film import Cue, Motion
from impasto.motion import Cuts, Frame, flow, halved
from impasto.video.frames import FilmFrame


def cues(
    frames: Iterator[FilmFrame],
    offset: Fraction,
    steps_back: Sequence[int],
    shot: int = 0,
    done: int = 0,
    first: int = 0,
    cuts: Callable[[Frame], bool] | None = None,
) -> Iterator[tuple[FilmFrame, Cue | None]]:
    """Each frame with its cue; of those before number `done`, which are painted already, none.

    The frames have numbers from `first` on. `shot` is the number of that with which the shot began that goes on at
    `done`: nothing before it matters. `cuts` tells which of the others begin one; by default it is found out. `offset`
    seconds of the file come before the film's first frame.
    """
    cuts = cuts or Cuts()
    seen: deque[Frame] = deque(maxlen=max(steps_back, default=1))
    steps: deque[Motion] = deque(maxlen=max(steps_back, default=1))
    for number, frame in enumerate(frames, first):
        if number < shot:
            yield frame, None
            continue
        begins = cuts(frame.pixels) or number == shot
        if begins:
            seen.clear()
            steps.clear()
        elif steps_back and number > done - max(steps_back):
            steps.append(_motion_to(seen[-1], frame.pixels))
        if number < done:
            yield frame, None
        else:
            motions = {back: _motion(frame.pixels, seen, steps, back) for back in steps_back if back <= len(seen)}
            yield frame, Cue(number, float(frame.time + offset), frame.pixels, begins, motions)
        seen.append(frame.pixels)


def _motion_to(before: Frame, frame: Frame, guess: Motion | None = None) -> Motion:
    """From a frame to an earlier one; `guess` is what to begin with."""
    if np.array_equal(frame, before):
        whole, half = (torch.zeros(1, 2, *each.shape[:2]) for each in (frame, halved(frame)))
        return Motion(whole, half)
    there, back = (guess.flow, guess.back) if guess else (None, None)
    return Motion(flow(frame, before, there), flow(halved(before), halved(frame), back))


def _motion(frame: Frame, seen: Sequence[Frame], steps: Sequence[Motion], back: int) -> Motion:
    """From a frame to one that lies so far back; with what lies between to begin with."""
    if back == 1:
        return steps[-1]
    guess = reduce(Motion.then, [steps[-number] for number in range(1, back + 1)])
    return _motion_to(seen[-back], frame, guess)
