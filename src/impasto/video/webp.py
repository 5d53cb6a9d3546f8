"""Animated WebP, which ffmpeg does not read: Pillow does."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache, partial
from pathlib import Path

import numpy as np
from PIL import Image

from impasto.errors import FilmError
from impasto.images.resize import SizeRule
from impasto.motion import Frame
from impasto.video.frames import FilmInfo, Moment
from impasto.video.shown import on_white

_SHORTEST, _USUAL = 10, 100
"""Milliseconds: a frame of 10 or less is shown for 100, as browsers do."""


class WebpSource:
    """The frames of an animated WebP, on white, up to the first that is damaged.

    They are counted, and their times added up, when it is opened.
    """

    def __init__(self, path: Path, size: SizeRule | None) -> None:
        """Raises `FilmError` for a file of which no frame can be read."""
        self.path, self.files = path, [path]
        self._transparent = False
        self._broken: str | None = None
        duration, count = Fraction(0), 0
        for picture, lasts in self._frames():
            if not count:
                self._shape = size(picture.height, picture.width) if size else (picture.height, picture.width)
            duration, count = duration + lasts, count + 1
        time_base = Fraction(1, 1000)
        self.info = FilmInfo(self._shape, count / duration, time_base, duration, count, sound=False, codec="webp")

    @property
    def notes(self) -> list[str]:
        """What the user should know of what was read so far."""
        told = {
            "the film has transparency, which is lost: every frame lies on white.": self._transparent,
            f"the film breaks off before its end ({self._broken}).": self._broken,
        }
        return [words for words, true in told.items() if true]

    def moments(self, start: Fraction) -> Iterator[Moment]:
        """All frames in order. Raises `FilmError`."""
        time = Fraction(0)
        for picture, lasts in self._frames():
            yield Moment(time, lasts, cache(partial(self._pixels, picture)))
            time += lasts

    def _frames(self) -> Iterator[tuple[Image.Image, Fraction]]:
        number = 0
        try:
            with Image.open(self.path, formats=["WEBP"]) as animation:
                for number in range(getattr(animation, "n_frames", 1)):
                    animation.seek(number)
                    picture = animation.convert("RGBA")
                    lasts = animation.info.get("duration", _USUAL)
                    yield picture, Fraction(lasts if lasts > _SHORTEST else _USUAL, 1000)
        except Exception as error:  # damaged bytes can make a parser raise anything
            if number:
                self._broken = type(error).__name__
                return
            raise FilmError(
                f"{str(self.path)!r}: it is damaged or cut short ({type(error).__name__}). Get or export it again."
            ) from error

    def _pixels(self, picture: Image.Image) -> Frame:
        height, width = self._shape
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.BICUBIC)
        pixels = np.asarray(picture)
        self._transparent |= bool(pixels[..., 3].min() < 255)
        return on_white(pixels)
