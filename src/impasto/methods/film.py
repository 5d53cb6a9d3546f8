"""What paints films: frames in their order, each with what is known of its motion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Frame = NDArray[np.uint8]
"""(H, W, 3), sRGB."""


@dataclass(frozen=True)
class Motion:
    """Where things of a frame were in an earlier one."""

    flow: Tensor
    """(1, 2, H, W), pixels (x, y), from the frame to the earlier one."""
    visible: Tensor
    """(1, 1, H, W) in {0., 1.}: where the flow holds, and the earlier frame shows the same."""


@dataclass(frozen=True)
class Cue:
    """A frame whose turn it is."""

    number: int
    """Of the frame, from 0 on: the first that is painted."""
    time: float
    """Seconds since the film began, as it is in its file."""
    frame: Frame = field(repr=False)
    """At the size of the painting."""
    begins: bool
    """Whether it is the first of a shot."""
    motions: Mapping[int, Motion] = field(repr=False)
    """By how many frames the earlier one lies back; none that is of another shot."""


class FilmPainter(Protocol):
    """Paints the frames of a film, one after the other."""

    steps_back: Sequence[int]
    """How many frames it wants to look back."""
    notes: list[str]
    """What the user should know, a line each."""

    def paint(self, cue: Cue) -> Frame:
        """The painting of a frame, of its size. Every frame is shown once, in its order."""
        ...

    def state(self) -> bytes:
        """All that it takes to go on after the last frame, to the same paintings."""
        ...

    def take(self, state: bytes) -> None:
        """Goes on where a painter of the same film and settings was when it gave this state."""
        ...


def turns(first: Cue, last: Cue) -> Tensor:
    """The numbers and times of two cues, as a state keeps them."""
    return torch.tensor([first.number, first.time, last.number, last.time], dtype=torch.float64)


def cues_of(turns: Tensor, frame: Frame) -> tuple[Cue, Cue]:
    """Two cues as `turns` keeps them, both with the frame of the last one."""
    first, began, last, now = turns.tolist()
    return Cue(int(first), began, frame, True, {}), Cue(int(last), now, frame, False, {})


def named(held: Mapping[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Of tensors named `kind name` those of one kind, by name."""
    return {name.removeprefix(f"{kind} "): tensor for name, tensor in held.items() if name.startswith(f"{kind} ")}
