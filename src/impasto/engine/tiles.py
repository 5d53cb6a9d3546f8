"""A large picture in tiles: what is seen of each, put together, is what is seen of the whole.

Every feature belongs to one tile. A network is shown the tile with a margin as wide as any of its features can see, so
that those inside come out as they would from the whole picture; the others are another tile's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor

from impasto.losses import Place

Box = tuple[slice, slice]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Tile:
    """A part of a picture: rows and columns in pixels."""

    picture: tuple[int, int]
    """(height, width) of the whole."""
    own: Box
    """What belongs to it..."""
    shown: Box
    """...and what is shown to the network."""

    def crop(self, image: Tensor) -> Tensor:
        """What is shown of an image (B, C, H, W)."""
        return image[..., self.shown[0], self.shown[1]]

    def features(self, seen: Tensor, stride: int) -> tuple[Tensor, Place]:
        """The tile's own part of what was `seen` in its crop (B, C, h, w), every `stride` pixels, and its place."""
        # What does not fill a whole square at the far side is in no position.
        (top, bottom), (left, right) = ((own.start // stride, own.stop // stride) for own in self.own)
        above, beside = (shown.start // stride for shown in self.shown)
        part = seen[..., top - above : bottom - above, left - beside : right - beside]
        return part, Place(top, left, self.picture[0] // stride, self.picture[1] // stride)

    def neighbors(self, image: Tensor) -> tuple[Tensor, Place]:
        """Its own pixels of its crop, and those next to them below and to the right, where there are any."""
        height, width = self.picture
        bottom, right = min(self.own[0].stop + 1, height), min(self.own[1].stop + 1, width)
        place = Place(
            self.own[0].start, self.own[1].start, height, width, bottom - self.own[0].stop, right - self.own[1].stop
        )
        top, left = self.shown[0].start, self.shown[1].start
        part = image[..., self.own[0].start - top : bottom - top, self.own[1].start - left : right - left]
        return part, place


def one_tile(picture: tuple[int, int]) -> list[Tile]:
    """The whole picture (height, width)."""
    everything = slice(0, picture[0]), slice(0, picture[1])
    return [Tile(picture, everything, everything)]


Cut = Callable[[tuple[int, int]], Sequence[Tile]]
"""The tiles in which a picture of (height, width) is looked at."""


@runtime_checkable
class Shrinking(Protocol):
    """A `Cut` that can make its tiles smaller."""

    def __call__(self, picture: tuple[int, int], /) -> Sequence[Tile]:
        """The tiles of a picture (height, width)."""

    def shrink(self) -> bool:
        """Does so; false where they cannot be any smaller."""


def with_less_at_a_time(cut: Cut, work: Callable[[], Result]) -> Result:
    """What `work` gives; where the device's memory does not do, tiles become smaller and it is done again.

    Raises `torch.OutOfMemoryError` where they cannot be any smaller.
    """
    while True:
        try:
            return work()
        except torch.OutOfMemoryError:
            if not isinstance(cut, Shrinking) or not cut.shrink():
                raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def tiles(picture: tuple[int, int], longest: int, margin: int, unit: int) -> list[Tile]:
    """Tiles of a picture (height, width) of which no more than `longest` pixels are shown a side, if that can be.

    Their borders are whole multiples of `unit`, and so is the margin, which is at least `margin`.
    """
    if max(picture) <= longest:
        return one_tile(picture)
    margin = -(-margin // unit) * unit
    rows, columns = (_cuts(side, max(unit, longest - 2 * margin), unit) for side in picture)
    return [
        Tile(picture, (down, right), (_widened(down, margin, picture[0]), _widened(right, margin, picture[1])))
        for down in rows
        for right in columns
    ]


def _cuts(side: int, longest: int, unit: int) -> Sequence[slice]:
    count = max(1, -(-side // longest))
    while True:  # rounded to units, an even share may be too long
        ends = sorted({round(number * side / count / unit) * unit for number in range(count)} | {side})
        cuts = [slice(*ends) for ends in pairwise(ends)]
        if count >= side // unit or max(cut.stop - cut.start for cut in cuts) <= longest:
            return cuts
        count += 1


def _widened(own: slice, margin: int, side: int) -> slice:
    return slice(max(0, own.start - margin), min(side, own.stop + margin))
