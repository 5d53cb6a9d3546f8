"""Small films as painters get them."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from PIL import Image

from impasto.jobs.cues import cues
from impasto.methods.film import Cue, FilmPainter, Frame
from impasto.video.frames import FilmFrame


def pan(photo: Image.Image, count: int, step: int = 2, width: int = 64, height: int = 48) -> list[Frame]:
    """A camera that moves over a photo."""
    large = np.asarray(photo.resize((width + step * count, height), Image.Resampling.LANCZOS))
    return [np.ascontiguousarray(large[:, step * number : step * number + width]) for number in range(count)]


def cued(frames: Sequence[Frame], steps_back: Sequence[int] = (1,), rate: int = 25) -> list[Cue]:
    """The cue of each frame."""
    shown = [FilmFrame(frame, Fraction(number, rate), Fraction(1, rate)) for number, frame in enumerate(frames)]
    return [cue for _, cue in cues(iter(shown), Fraction(0), steps_back, 0, 0) if cue]


def paint(painter: FilmPainter, frames: Sequence[Frame], rate: int = 25) -> list[Frame]:
    """The paintings of a film."""
    return [painter.paint(cue) for cue in cued(frames, painter.steps_back, rate)]


def apart(first: Frame, second: Frame) -> float:
    """Mean difference of two frames, of 255."""
    return float(np.abs(first.astype(int) - second).mean())
