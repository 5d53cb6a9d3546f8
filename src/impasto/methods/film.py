"""What paints films: frames in their order, each with what is known of its motion."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.images.resize import size_of
from impasto.motion import Frame, chained, resized, visible


@dataclass(frozen=True)
class Motion:
    """Where things of a frame were in another one."""

    flow: Tensor
    """(1, 2, H, W), pixels (x, y), from the frame to the other one."""
    back: Tensor
    """(1, 2, h, w), at any size: where something has come into sight need not be known to the pixel."""

    @cached_property
    def visible(self) -> Tensor:
        """(1, 1, H, W) in {0., 1.}: where the flow holds, and the other frame shows the same."""
        small = size_of(self.back)
        return F.interpolate(visible(resized(self.flow, small), self.back), size=self.flow.shape[2:])

    def reversed(self) -> "Motion":
        """From the other frame to this one."""
        return Motion(resized(self.back, size_of(self.flow)), resized(self.flow, size_of(self.back)))

    def then(self, on: "Motion") -> "Motion":
        """To where the other frame has a motion `on`, of the same sizes."""
        return Motion(chained(self.flow, on.flow), chained(on.back, self.back))


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


@dataclass(frozen=True)
class Finished:
    """A painted frame."""

    painting: Frame = field(repr=False)
    """Of the size of the frame."""
    state: bytes | None = field(repr=False)
    """All that a painter takes to go on behind it, to the same paintings; None behind a frame that was made with the
    next one: from there nobody can go on.
    """


class FilmPainter(Protocol):
    """Paints the frames of a film, one after the other."""

    steps_back: Sequence[int]
    """How many frames it wants to look back."""
    notes: list[str]
    """What the user should know, a line each."""

    def paint(self, cues: Iterator[Cue]) -> Generator[Finished]:
        """The painting of each frame. Cues may be taken some frames ahead, in another thread."""
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


def pixels_of(frame: Frame) -> Tensor:
    """(1, 3, H, W) in [0, 1]."""
    return tensor_of(frame).permute(2, 0, 1)[None].float().div_(255)


def tensor_of(frame: Frame) -> Tensor:
    """The frame as a tensor (H, W, 3), which shares its memory where it can."""
    return torch.from_numpy(np.require(frame, requirements="W"))


def named(held: Mapping[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Of tensors named `kind name` those of one kind, by name."""
    return {name.removeprefix(f"{kind} "): tensor for name, tensor in held.items() if name.startswith(f"{kind} ")}
