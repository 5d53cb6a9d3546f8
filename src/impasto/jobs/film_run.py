"""Frames of a film are decoded, followed, painted, kept and handed on, all at once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Event

from impasto.engine.ahead import ahead
from impasto.images.resize import SizeRule, fit
from impasto.jobs.cues import cues
from impasto.jobs.film_job import FilmJob
from impasto.methods.film import Cue, FilmPainter, Finished
from impasto.methods.film_feedforward import FeedForwardFilm
from impasto.methods.film_iterative import IterativeFilm
from impasto.motion import Frame
from impasto.settings import FilmSettings
from impasto.video.frames import FilmFrame
from impasto.video.journal import Journal
from impasto.video.reading import Film

_PAINTERS: dict[str, Callable[..., FilmPainter]] = {"iterative": IterativeFilm, "feedforward": FeedForwardFilm}
_AHEAD = 3
"""Frames that wait between two stages of the work."""


def opened(job: FilmJob) -> Film:
    """The part of the job's film that is painted, at the size of the painting."""
    settings = job.settings
    start, end = settings.part
    return Film(job.film, start=start, end=end, fps=settings.fps, size=_size(settings))


def film_painter(styles: Sequence[Path], settings: FilmSettings) -> FilmPainter:
    """What paints the frames, by the method of the settings.

    Raises `ImpastoError` for styles, networks, devices and settings that cannot be had."""
    return _PAINTERS[settings.method](styles, settings)


class StoppedError(Exception):
    """Somebody wants no more frames."""


@dataclass
class Run:
    """One pass through a film, or through one shot of it."""

    frames: Iterator[FilmFrame]
    offset: Fraction
    """Seconds of the file that come before the film's first frame."""
    painter: FilmPainter
    journal: Journal
    hand_on: Callable[[int, FilmFrame, Callable[[], Frame]], object]
    """Takes the number of each finished frame, the frame, and what gives its painting: in order, in another thread."""
    tell: Callable[[int, Frame], object]
    """Takes how many frames are done, once for each that this run has painted, and the painting."""
    stop: Event
    """Once it is set, the run ends with the last finished frame. So it does where `frames` raise `StoppedError`."""
    first: int = 0
    """The number of the first frame."""
    cuts: Callable[[Frame], bool] | None = None
    """Which frames begin a shot, the first one aside, shown in their order; None finds it out."""
    interrupted: bool = False

    @property
    def notes(self) -> list[str]:
        """What the user should know, a line each."""
        return self.painter.notes

    def all(self) -> None:
        """Paints what is not in the journal, and hands all on."""
        kept, shot = self.journal.done, self.first
        if kept:
            shot, state = _unpacked(self.journal.state(kept - 1))
            self.painter.take(state)
        done = self.first + kept
        with closing(ahead(self._cues(shot, done), _AHEAD)) as frames, ThreadPoolExecutor(1) as pool:
            writing = _Writing(pool)
            try:
                for number, (frame, _) in enumerate(islice(frames, kept)):
                    writing.add(self.hand_on, self.first + number, frame, partial(self.journal.frame, number))
                    writing.settle()
                self._paint(frames, shot, done, writing)
            except (KeyboardInterrupt, StoppedError):
                self.interrupted = True
            writing.settle(0)

    def _paint(self, frames: Iterator[tuple[FilmFrame, Cue | None]], shot: int, done: int, writing: "_Writing") -> None:
        """Paints the frames from number `done` on, at first in the shot that frame number `shot` began."""
        under_way: deque[_UnderWay] = deque()
        with closing(self.painter.paint(self._fed(frames, under_way, shot))) as paintings:
            for number, some in _together(paintings, done):
                # At once: a film that is stopped ends with a frame that it can go on from.
                writing.add(self._add, number, [(under_way.popleft(), each) for each in some])
                for count, finished in enumerate(some, number + 1):
                    self.tell(count, finished.painting)
                writing.settle()
                if self.stop.is_set() and under_way:
                    raise StoppedError

    def _cues(self, shot: int, done: int) -> Iterator[tuple[FilmFrame, Cue | None]]:
        with closing(ahead(self.frames, _AHEAD)) as frames:
            yield from cues(frames, self.offset, self.painter.steps_back, shot, done, self.first, self.cuts)

    def _fed(
        self, frames: Iterator[tuple[FilmFrame, Cue | None]], under_way: "deque[_UnderWay]", shot: int
    ) -> Iterator[Cue]:
        """The cues of frames that are to be painted; each is put down as under way."""
        for frame, cue in frames:
            if self.stop.is_set():
                raise StoppedError  # to no painter it looks like the end of the film
            assert cue
            shot = cue.number if cue.begins else shot
            under_way.append(_UnderWay(frame, shot))
            yield cue

    def _add(self, first: int, some: "list[tuple[_UnderWay, Finished]]") -> None:
        for number, (at, finished) in enumerate(some, first):
            state = None if finished.state is None else _packed(at.shot, finished.state)
            self.journal.add(number - self.first, finished.painting, state)
            self.hand_on(number, at.frame, partial(_as_it_is, finished.painting))


class _Writing:
    """Work for another thread, piece by piece, of which few may wait."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._pending: deque[Future[object]] = deque()

    def add(self, work: Callable[..., object], *given: object) -> None:
        """Has a piece done once all before it are."""
        self._pending.append(self._pool.submit(work, *given))

    def settle(self, most: int = _AHEAD) -> None:
        """Waits until no more than so many pieces are still to be done. Raises what went wrong."""
        while len(self._pending) > most:
            self._pending.popleft().result()


@dataclass(frozen=True)
class _UnderWay:
    """A frame that is being painted."""

    frame: FilmFrame
    shot: int
    """The number of the frame that its shot began with."""


def _as_it_is(painting: Frame) -> Frame:
    return painting


def _together(paintings: Iterator[Finished], first: int) -> Iterator[tuple[int, list[Finished]]]:
    """Frames, from number `first` on, with those before them that have no state: nobody could go on behind these."""
    some: list[Finished] = []
    for finished in paintings:
        some.append(finished)
        if finished.state is not None:
            yield first, some
            first, some = first + len(some), []


def _size(settings: FilmSettings) -> SizeRule | None:
    longest = settings.size
    return None if longest == "original" else lambda height, width: fit(height, width, int(longest))


def _packed(shot: int, state: bytes) -> bytes:
    """What the journal keeps behind a frame: the number of the frame that its shot began with, and the painter's."""
    return shot.to_bytes(8, "big") + state


def _unpacked(kept: bytes) -> tuple[int, bytes]:
    return int.from_bytes(kept[:8], "big"), kept[8:]
