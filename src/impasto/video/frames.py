"""What films are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from impasto.motion import Frame


@dataclass(frozen=True)
class FilmFrame:
    """A frame and when it is shown."""

    pixels: Frame
    time: Fraction
    """Seconds since the film began."""
    duration: Fraction
    """Seconds until the next one."""


@dataclass(frozen=True)
class Moment:
    """A frame of which only the time is known yet."""

    time: Fraction
    """Seconds since the film began."""
    duration: Fraction | None
    """Seconds until the next one; None where the file does not say."""
    pixels: Callable[[], Frame]
    """The frame itself: what makes it is done when it is called, and only then."""


@dataclass(frozen=True)
class FilmInfo:
    """What is known of a film before it is read to its end."""

    shape: tuple[int, int]
    """(H, W) in pixels, upright, of square pixels."""
    rate: Fraction
    """Frames a second, on average."""
    time_base: Fraction
    """Seconds: every time is a whole multiple of it."""
    duration: Fraction | None
    """Seconds; None where nothing tells it."""
    frames: int | None
    """How many; an estimate where the file does not say, None where nothing tells it."""
    sound: bool
    codec: str
    """How the frames are packed: ffmpeg's name for it."""
