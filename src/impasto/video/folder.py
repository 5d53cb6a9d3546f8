"""Pictures of a folder as the frames of a film."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache, partial
from glob import glob
from itertools import chain, pairwise
from pathlib import Path
from statistics import median_low

import numpy as np

from impasto.errors import FilmError, ImageError
from impasto.images.formats import READABLE, SUFFIXES
from impasto.images.names import natural
from impasto.images.picture import quantize
from impasto.images.reading import read, shape_of
from impasto.images.resize import SizeRule
from impasto.motion import Frame
from impasto.settings import SizeSettings
from impasto.video.frames import FilmInfo, Moment

_RATE = Fraction(25)
_NUMBER = re.compile(r"\d+")
_FEW = 0.25
"""Of the steps from name to name, at most, are gaps in a sequence; with more of them numbers are just names."""


class FolderSource:
    """The pictures of a folder, or those that a pattern names, in the order of their names: 9 comes before 10.

    A picture that cannot be read is skipped, but the film stays as long as it is: the last good one before it stays on,
    or the next one comes early where there is none. That depends on the files alone, not on where a pass begins.
    """

    def __init__(self, path: Path, rate: Fraction | None, size: SizeRule | None) -> None:
        """`path` is a folder or a pattern. Raises `FilmError` where there are no pictures, or none can be read."""
        self.files = _pictures(path)
        self._path = path
        self._rate = rate or _RATE
        self._sizes = SizeSettings()
        self._size = size
        self._bad: dict[Path, ImageError] = {}
        """What cannot be read, and why: it is tried once."""
        self._skipped: set[Path] = set()
        """Those of them whose time has come in a pass."""
        self._first = self._first_shape()
        self._shape = size(*self._first) if size else self._first
        self._other: Path | None = None
        self._transparent = False
        count = len(self.files)
        self.info = FilmInfo(
            self._shape, self._rate, 1 / self._rate, count / self._rate, count, sound=False, codec="pictures"
        )

    @property
    def notes(self) -> list[str]:
        """What was found out on the way."""
        height, width = self._first
        notes = _gaps(self.files)
        if self._transparent:
            notes.append("there are pictures with transparency, which is lost: every frame lies on white.")
        if self._other:
            name = self._other.name
            notes.append(f"{name} has another size than the first picture, {width} × {height}: it was made the same.")
        if skipped := [file for file in self.files if file in self._skipped]:
            several = len(skipped) > 1
            what = f"{len(skipped)} pictures were" if several else "1 picture was"
            first = "the first: " if several else ""
            told = self._bad[skipped[0]]
            notes.append(f"{what} skipped, and a good one beside it shown for its time; {first}{told}")
        return notes

    def moments(self, start: Fraction) -> Iterator[Moment]:
        """The pictures from `start` on, read when they are asked for."""
        first = max(0, int(start * self._rate))
        for number in range(first, len(self.files)):
            yield Moment(number / self._rate, 1 / self._rate, cache(partial(self._shown, number)))

    def _shown(self, number: int) -> Frame:
        """A picture, or where that cannot be read a good one beside it."""
        for file in map(self.files.__getitem__, chain(range(number, -1, -1), range(number + 1, len(self.files)))):
            pixels = self._pixels(file)
            if pixels is not None:
                return pixels
            self._skipped.add(self.files[number])
        raise self._nothing()

    def _pixels(self, file: Path) -> Frame | None:
        """None where the picture cannot be read."""
        if file in self._bad:
            return None
        try:
            other = shape_of(file) != self._first
            picture = read(file, self._sizes, lambda height, width: self._shape)
        except ImageError as error:
            self._bad[file] = error
            return None
        if other and self._other is None:
            self._other = file
        pixels = picture.pixels
        if picture.alpha is not None:
            self._transparent = True
            pixels = pixels * picture.alpha + (1 - picture.alpha)
        return quantize(pixels, 8).astype(np.uint8, copy=False)

    def _first_shape(self) -> tuple[int, int]:
        """(height, width) of the first picture that can be read to its end, which the others are made the same as."""
        for file in self.files:
            try:
                shape = shape_of(file)
                read(file, self._sizes, self._size)
            except ImageError as error:
                self._bad[file] = error
            else:
                return shape
        raise self._nothing()

    def _nothing(self) -> FilmError:
        return FilmError(f"{str(self._path)!r}: no picture of it can be read; the first: {self._bad[self.files[0]]}")


def is_pattern(path: Path) -> bool:
    """Whether a path that names nothing is a pattern, such as `frames/*.png`."""
    return bool(set(str(path)) & set("*?["))


def _gaps(files: Sequence[Path]) -> list[str]:
    """What to say of numbers that are missing from names which are numbered all but throughout."""
    numbers = [int(found[-1]) if (found := _NUMBER.findall(file.stem)) else -1 for file in files]
    steps = [after - before for before, after in pairwise(numbers)]
    step = median_low(steps) if steps else 0
    gaps = [place for place, each in enumerate(steps) if step > 0 and each > step and each % step == 0]
    if not gaps or len(gaps) > _FEW * len(steps) or min(steps) < step:
        return []
    missing = sum(steps[place] // step - 1 for place in gaps)
    what = f"{missing} pictures are" if missing > 1 else "1 picture is"
    before, after = (files[gaps[0] + place].name for place in range(2))
    several = f", the first in {len(gaps)} gaps" if len(gaps) > 1 else ""
    return [f"{what} missing by their numbers, between {before} and {after}{several}: what follows comes earlier."]


def _pictures(path: Path) -> list[Path]:
    try:
        found = path.iterdir() if path.is_dir() else map(Path, glob(str(path)))
        files = [file for file in found if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")]
    except OSError as error:
        raise FilmError(f"{str(path)!r} cannot be opened ({error.strerror}). Check the path.") from error
    if not files:
        what = "this folder holds" if path.is_dir() else "this pattern fits"
        raise FilmError(f"{str(path)!r}: {what} no {READABLE} picture. Name a folder of frames, or a film.")
    return sorted(files, key=natural)
