"""Small films as painters get them."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from impasto.jobs.cues import cues
from impasto.methods.film import Cue, FilmPainter, Finished
from impasto.motion import Frame
from impasto.video.frames import FilmFrame


def pan(photo: Image.Image, count: int, step: int = 2, width: int = 64, height: int = 48) -> list[Frame]:
    """A camera that moves over a photo."""
    large = np.asarray(photo.resize((width + step * count, height), Image.Resampling.LANCZOS))
    return [np.ascontiguousarray(large[:, step * number : step * number + width]) for number in range(count)]


def curtain(folder: Path, *shares: float, width: int = 64, height: int = 48) -> Path:
    """A folder of masks, each light over a share of its width, from the left on."""
    folder.mkdir()
    for number, share in enumerate(shares):
        mask = np.zeros((height, width), np.uint8)
        mask[:, : round(share * width)] = 255
        Image.fromarray(mask).save(folder / f"{number}.png")
    return folder


def cued(frames: Sequence[Frame], steps_back: Sequence[int] = (1,), rate: int = 25) -> list[Cue]:
    """The cue of each frame."""
    shown = [FilmFrame(frame, Fraction(number, rate), Fraction(1, rate)) for number, frame in enumerate(frames)]
    return [cue for _, cue in cues(iter(shown), Fraction(0), steps_back) if cue]


def finished(painter: FilmPainter, cues: Iterable[Cue]) -> list[Finished]:
    """All frames, each with its state."""
    return list(painter.paint(iter(cues)))


def paint(painter: FilmPainter, frames: Sequence[Frame], rate: int = 25) -> list[Frame]:
    """The paintings of a film."""
    return [each.painting for each in finished(painter, cued(frames, painter.steps_back, rate))]


def goes_on_to(whole: Sequence[Finished], film: Sequence[Cue], anew: Callable[[], FilmPainter]) -> None:
    """From every state, another painter goes on to the same paintings and states."""
    for number, each in enumerate(whole):
        if each.state is not None:
            other = anew()
            other.take(each.state)
            for one, unbroken in zip(finished(other, film[number + 1 :]), whole[number + 1 :], strict=True):
                assert np.array_equal(one.painting, unbroken.painting)
                assert one.state == unbroken.state


def apart(first: Frame, second: Frame) -> float:
    """Mean difference of two frames, of 255."""
    return float(np.abs(first.astype(int) - second).mean())
