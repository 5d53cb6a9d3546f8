"""Pictures of a folder as the frames of a film."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache, partial
from glob import glob
from pathlib import Path

import numpy as np

from impasto.errors import FilmError
from impasto.images.formats import FORMATS, READABLE
from impasto.images.picture import quantize
from impasto.images.reading import read, shape_of
from impasto.images.resize import SizeRule
from impasto.settings import SizeSettings
from impasto.video.frames import FilmInfo, Frame, Moment

_SUFFIXES = {suffix for format in FORMATS for suffix in format.suffixes}
_RATE = Fraction(25)


class FolderSource:
    """The pictures of a folder, or those that a pattern names, in the order of their names: 9 comes before 10."""

    def __init__(self, path: Path, rate: Fraction | None, size: SizeRule | None) -> None:
        """`path` is a folder or a pattern. Raises `FilmError` where there are no pictures."""
        self.files = _pictures(path)
        self._rate = rate or _RATE
        self._sizes = SizeSettings()
        whole = shape_of(self.files[0])
        self._shape = size(*whole) if size else whole
        self._first = whole
        self._other: Path | None = None
        count = len(self.files)
        self.info = FilmInfo(
            self._shape, self._rate, 1 / self._rate, count / self._rate, count, sound=False, codec="pictures"
        )

    @property
    def notes(self) -> list[str]:
        """What was found out on the way."""
        if self._other is None:
            return []
        height, width = self._first
        return [
            f"{self._other.name} has another size than the first picture, {width} × {height}: it was made the same."
        ]

    def moments(self, start: Fraction) -> Iterator[Moment]:
        """The pictures from `start` on, read when they are asked for. They raise `ImageError`."""
        first = max(0, int(start * self._rate))
        for number, file in enumerate(self.files[first:], first):
            yield Moment(number / self._rate, 1 / self._rate, cache(partial(self._pixels, file)))

    def _pixels(self, file: Path) -> Frame:
        if self._other is None and shape_of(file) != self._first:
            self._other = file
        picture = read(file, self._sizes, lambda height, width: self._shape)
        pixels = picture.pixels
        if picture.alpha is not None:
            pixels = pixels * picture.alpha + (1 - picture.alpha)
        return quantize(pixels, 8).astype(np.uint8, copy=False)


def is_pattern(path: Path) -> bool:
    """Whether a path that names nothing is a pattern, such as `frames/*.png`."""
    return bool(set(str(path)) & set("*?["))


def natural(path: Path) -> list[str | tuple[int, str]]:
    """What to sort by, so that 9 comes before 10."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), part) if part.isdecimal() else part for part in parts]


def _pictures(path: Path) -> list[Path]:
    try:
        found = path.iterdir() if path.is_dir() else map(Path, glob(str(path)))
        files = [file for file in found if file.suffix.lower() in _SUFFIXES and not file.name.startswith(".")]
    except OSError as error:
        raise FilmError(f"{str(path)!r} cannot be opened ({error.strerror}). Check the path.") from error
    if not files:
        what = "this folder holds" if path.is_dir() else "this pattern fits"
        raise FilmError(f"{str(path)!r}: {what} no {READABLE} picture. Name a folder of frames, or a film.")
    return sorted(files, key=natural)
