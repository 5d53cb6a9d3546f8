"""Read a film: a file, a folder of frames, or a pattern of their names."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Protocol, Self

from impasto.errors import FilmError, SettingsError
from impasto.images.formats import format_of_content
from impasto.images.resize import SizeRule
from impasto.styles import is_style
from impasto.video.container import ContainerSource
from impasto.video.folder import FolderSource, is_pattern
from impasto.video.frames import FilmFrame, FilmInfo, Moment
from impasto.video.timing import at_rate, lasting, plain, within
from impasto.video.webp import WebpSource

Seconds = Fraction | float

_LISTS = (b"#EXTM3U", b"ffconcat", b"<?xml", b"<MPD")
"""How files begin that name films elsewhere."""


class Source(Protocol):
    """Where the frames of a film come from."""

    info: FilmInfo
    files: list[Path]
    """In which they lie."""

    @property
    def notes(self) -> Sequence[str]: ...

    def moments(self, start: Fraction) -> Iterator[Moment]:
        """The moments in order, from one at or before `start` on; their pixels are made when they are called."""
        ...


class Film:
    """A film, or a part of it. It never stands in memory as a whole, and may be read several times."""

    def __init__(
        self,
        path: str | Path,
        *,
        start: Seconds = 0,
        end: Seconds | None = None,
        fps: Seconds | None = None,
        size: SizeRule | None = None,
    ) -> None:
        """`path` is a film of any container and codec that ffmpeg reads, an animated GIF, PNG or WebP, a folder of
        pictures in the order of their names, or a pattern such as `frames/*.png`.

        The film is what lies between `start` and `end` seconds; where there is a start, it begins with the first frame
        from there on, or with one that stays on for a tenth of a second yet, at 0. One that would stay on for as long
        behind `end` is cut there. `fps` repeats frames or leaves some out; for a folder it says how fast they follow
        each other (25 a second without it). `size` makes (height, width) of those that a viewer is shown.

        Raises `SettingsError` for impossible times and rates, `FilmError` for what cannot be read or has no frame
        there, `ImageError` for a picture of a folder.
        """
        self.path = Path(path)
        self._start = _exact(start)
        self.end = None if end is None else _exact(end)
        """Seconds of the film as it is in the file where this one ends; None where both end together."""
        if self._start < 0:
            raise SettingsError(f"start: should be 0 s or later (got {start})")
        if self.end is not None and self.end <= self._start:
            raise SettingsError(f"end: should be after the start, {start} s (got {end})")
        rate = None if fps is None else _exact(fps)
        if rate is not None:
            if not 0 < rate <= 1000:
                raise SettingsError(f"fps: should be above 0, and 1000 at most (got {fps})")
            rate = plain(rate)
        self._running = ExitStack()
        self.source: Source = _source(self.path, rate, size)
        self._rate = None if isinstance(self.source, FolderSource) else rate
        self.offset = Fraction(0)
        """Seconds of the film as it is in the file that come before its first frame here."""
        first = next(self._chosen(), None)
        if first is None:
            long = self.source.info.duration
            known = f" It is {float(long):.2f} s long." if long else ""
            raise FilmError(f"{str(path)!r} has no frame between the start and the end asked for.{known}")
        self.offset = first.time if self._start else Fraction(0)
        self.info = self._info()

    @property
    def notes(self) -> list[str]:
        """What the user should know: how the film is read, and what the last pass through it found out."""
        return list(self.source.notes)

    def frames(self) -> Iterator[FilmFrame]:
        """The frames in order: each call is a pass of its own. Raises `FilmError`, or `ImageError` for a picture."""
        frames = self._frames()
        self._running.callback(frames.close)
        return frames

    def _frames(self) -> Generator[FilmFrame]:
        yield from map(looked_at, self.moments())

    def _chosen(self) -> Iterator[Moment]:
        """The moments between start and end, by the clock of the whole film."""
        moments = lasting(self.source.moments(self._start), 1 / self.source.info.rate)
        tick = self.source.info.time_base
        return within(moments, ceil(self._start / tick) * tick, self.end)

    def moments(self) -> Iterator[Moment]:
        """The frames in order, each with its time alone: `looked_at` before the next one comes, or not at all."""
        moments = (replace(moment, time=moment.time - self.offset) for moment in self._chosen())
        if self._rate is None:
            return moments
        return at_rate(moments, self._rate, None if self.end is None else self.end - self.offset)

    def _info(self) -> FilmInfo:
        info = self.source.info
        duration, frames = info.duration, info.frames
        if self.end is not None:
            duration = min(duration, self.end) if duration else self.end
        if duration:
            duration = max(duration - self.offset, 1 / info.rate)
        if self._rate is not None:
            frames = ceil(duration * self._rate) if duration else None
            return replace(info, rate=self._rate, time_base=1 / self._rate, duration=duration, frames=frames)
        if duration != info.duration:
            frames = ceil(duration * info.rate) if duration else None
        return replace(info, duration=duration, frames=frames)

    def close(self) -> None:
        """Ends every pass that still runs."""
        self._running.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def looked_at(moment: Moment) -> FilmFrame:
    """The frame of a film's moment."""
    assert moment.duration is not None  # `lasting` has seen to it
    return FilmFrame(moment.pixels(), moment.time, moment.duration)


def _exact(seconds: Seconds) -> Fraction:
    """As it was written: 1.001 is 1001 / 1000. Raises `SettingsError` for what is no number."""
    try:
        return seconds if isinstance(seconds, Fraction) else Fraction(str(seconds))
    except ValueError:
        raise SettingsError(
            f"{seconds!r} is no number of seconds, or of frames a second. Write one, such as 2.5."
        ) from None


def _source(path: Path, rate: Fraction | None, size: SizeRule | None) -> Source:
    name = repr(str(path))
    try:
        if path.is_dir() or (not path.exists() and is_pattern(path)):
            return FolderSource(path, rate, size)
        if is_style(path):
            raise FilmError(f"{name} is a style in numbers, no film. The film comes first, then the styles.")
        if not path.exists():
            raise FilmError(f"{name}: there is no such file. Check the path.")
        if not path.is_file():  # a pipe would wait forever
            raise FilmError(f"{name} is no regular file. Save the film to one first.")
        with path.open("rb") as file:
            head = file.read(12)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise FilmError(f"{name} cannot be opened ({reason}). Check the path.") from error
    if not head:
        raise FilmError(f"{name} is empty (0 bytes). Get it again.")
    if head.startswith(_LISTS):  # ffmpeg may wait forever for the next one
        raise FilmError(f"{name} is a list of films, and not one itself. Name one of them.")
    format = format_of_content(head)
    return WebpSource(path, size) if format and format.name == "WebP" else ContainerSource(path, size)
