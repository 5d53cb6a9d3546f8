"""Carry out a request for a film: frames are decoded, followed, painted, kept and encoded, all at once.

Each finished frame goes into a journal, with what the painter needs to go on behind it. A run that was broken off, in
whatever way, goes on from there, and the film is that of an unbroken run.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, Literal

import torch
from torch import Tensor

from impasto.engine.ahead import ahead
from impasto.errors import CheckpointError, SettingsError
from impasto.images.resize import SizeRule, fit
from impasto.jobs.cues import cues
from impasto.jobs.film_job import FilmJob
from impasto.methods.film import Cue, FilmPainter, Finished, Frame
from impasto.methods.film_feedforward import FeedForwardFilm
from impasto.methods.film_iterative import IterativeFilm
from impasto.methods.stage import frames_of
from impasto.settings import FilmSettings
from impasto.settings.film import parse_style_at
from impasto.video.fingerprint import fingerprint, fingerprint_of
from impasto.video.frames import FilmFrame
from impasto.video.journal import Journal, alone
from impasto.video.reading import Film
from impasto.video.room import check_room, needed, taken
from impasto.video.writing import FilmWriter

_PAINTERS: dict[str, Callable[..., FilmPainter]] = {"iterative": IterativeFilm, "feedforward": FeedForwardFilm}
_AHEAD = 3
"""Frames that wait between two stages of the work."""
_NOT_SEEN = {"codec", "crf", "device", "max_megapixels", "quality"}
"""Settings that change no frame: a run may go on with others."""
_ENDS = 1 << 20
"""Bytes at both ends of a file by which it is known again."""


@dataclass(frozen=True)
class FilmProgress:
    """A finished frame."""

    done: int
    """Frames, with those of earlier runs."""
    frames: int | None
    """In all, about; None where nobody knows."""
    elapsed: float
    """Seconds since this run began."""
    rate: float
    """Frames a second of this run; 0 until there are some."""
    painting: Frame = field(repr=False)
    """(H, W, 3)."""

    @property
    def preview(self) -> Tensor:
        """The painting, (1, 3, H, W) in [0, 1]."""
        return torch.from_numpy(self.painting.copy()).permute(2, 0, 1)[None].float().div_(255)

    @property
    def remaining(self) -> float | None:
        """Seconds left, estimated."""
        return None if self.frames is None or not self.rate else max(0, self.frames - self.done) / self.rate


OnFilmProgress = Callable[[FilmProgress], object]


@dataclass(frozen=True)
class FilmResult:
    """What has become of a request."""

    output: Path
    frames: int
    shape: tuple[int, int]
    """(height, width) in pixels."""
    seconds: float
    """That this run took."""
    stopped: Literal["painted", "interrupted"]
    notes: list[str]
    """What the user should know, a line each."""


def paint_film(
    job: FilmJob,
    on_progress: OnFilmProgress = lambda _: None,
    resume: bool = False,
    stop: Event | None = None,
) -> FilmResult:
    """Paints the job's film and writes it to `job.output`.

    With `resume` it goes on from what an earlier run has left in `job.journal`, if that is there. Once `stop` is set,
    or at Ctrl-C, the film ends with the last finished frame, and the journal stays. Frames of an earlier run are all
    finished: where Ctrl-C comes while they are written, it is raised, and the film that is there stays.
    Raises `ImpastoError`, most before the first frame is painted; finished frames are then kept, too.
    """
    began, settings, stop = monotonic(), job.settings, stop or Event()
    if job.journal.exists() and not resume:
        raise CheckpointError(
            f"{str(job.journal)!r} is there already, with finished frames of this film. Add --resume to go on from "
            "them, or delete it to begin anew."
        )
    start, end = settings.part
    with Film(job.film, start=start, end=end, fps=settings.fps, size=_size(settings)) as film:
        shape = film.info.shape
        check_room(job.output, needed(job.output, shape, film.info, settings.codec) - taken(job.journal))
        painter = _PAINTERS[settings.method](job.styles, settings)
        with alone(job.journal), FilmWriter(job.output, shape, film, settings.codec, settings.crf) as writer:
            journal = Journal(job.journal, _about(job, film))
            run = _Run(film, painter, journal, writer, on_progress, stop, began)
            try:
                run.all()
                if run.interrupted:
                    if writer.count < max(1, journal.done):
                        raise KeyboardInterrupt  # an earlier run has made a longer film
                    writer.cut_short()
            finally:
                if not journal.done:
                    journal.remove()
        whole = not run.interrupted
        late = _late_styles(settings, film) if whole else []
        notes = [*film.notes, *writer.notes, *painter.notes, *late, *_mask_notes(settings, journal.done)]
        done = journal.done
    if whole:
        journal.remove()
    stopped: Literal["painted", "interrupted"] = "painted" if whole else "interrupted"
    return FilmResult(job.output, done, shape, monotonic() - began, stopped, list(dict.fromkeys(notes)))


def stylize_film(
    film: str | Path,
    *styles: str | Path,
    output: str | Path,
    on_progress: OnFilmProgress = lambda _: None,
    resume: bool = False,
    **settings: Any,
) -> FilmResult:
    """`film` painted in the look of `styles`, and written to `output`: see `FilmJob`.

    The other keywords are the fields of `FilmSettings`: `impasto.stylize_film("clip.mp4", "wave.jpg",
    output="out.mp4", strength=0.7)`. `resume` goes on with a run that was broken off.

    Raises `ImpastoError` (one line, what to do) for a bad film, picture, setting, network or device.
    """
    if not styles:
        raise SettingsError("no style picture given. Pass one or more after the film.")
    chosen = FilmSettings.checked(settings)
    job = FilmJob(film=Path(film), styles=tuple(map(Path, styles)), output=Path(output), settings=chosen)
    return paint_film(job, on_progress, resume)


@dataclass
class _Run:
    """One pass through a film."""

    film: Film
    painter: FilmPainter
    journal: Journal
    writer: FilmWriter
    on_progress: OnFilmProgress
    stop: Event
    began: float
    interrupted: bool = False
    _painted: int = 0

    def all(self) -> None:
        """Paints what is not in the journal, and writes all."""
        done, shot = self.journal.done, 0
        if done:
            shot, state = _unpacked(self.journal.state(done - 1))
            self.painter.take(state)
        with closing(ahead(self._cues(shot, done), _AHEAD)) as frames, ThreadPoolExecutor(1) as writing:
            pending: deque[Future[None]] = deque()
            try:
                for number, (frame, _) in enumerate(islice(frames, done)):
                    pending.append(writing.submit(self._again, number, frame))
                    _settle(pending)
                under_way: deque[_UnderWay] = deque()
                with closing(self.painter.paint(self._fed(frames, under_way, shot))) as paintings:
                    for first, some in _together(paintings, done):
                        # At once: a film that is stopped ends with a frame that it can go on from.
                        pending.append(writing.submit(self._add, first, [(under_way.popleft(), each) for each in some]))
                        for number, finished in enumerate(some, first):
                            self._tell(number + 1, finished.painting)
                        _settle(pending)
                        if self.stop.is_set() and under_way:
                            raise _StoppedError
            except (KeyboardInterrupt, _StoppedError):
                self.interrupted = True
            _settle(pending, 0)

    def _cues(self, shot: int, done: int) -> Iterator[tuple[FilmFrame, Cue | None]]:
        with closing(ahead(self.film.frames(), _AHEAD)) as frames:
            yield from cues(frames, self.film.offset, self.painter.steps_back, shot, done)

    def _fed(
        self, frames: Iterator[tuple[FilmFrame, Cue | None]], under_way: "deque[_UnderWay]", shot: int
    ) -> Iterator[Cue]:
        """The cues of frames that are to be painted; each is put down as under way."""
        for frame, cue in frames:
            if self.stop.is_set():
                raise _StoppedError  # to no painter it looks like the end of the film
            assert cue
            shot = cue.number if cue.begins else shot
            under_way.append(_UnderWay(frame, shot))
            yield cue

    def _again(self, number: int, frame: FilmFrame) -> None:
        self.writer.add(self.journal.frame(number), frame.time, frame.duration)

    def _add(self, first: int, some: "list[tuple[_UnderWay, Finished]]") -> None:
        for number, (at, finished) in enumerate(some, first):
            state = None if finished.state is None else _packed(at.shot, finished.state)
            self.journal.add(number, finished.painting, state)
            self.writer.add(finished.painting, at.frame.time, at.frame.duration)

    def _tell(self, done: int, painting: Frame) -> None:
        self._painted += 1
        elapsed = monotonic() - self.began
        self.on_progress(FilmProgress(done, self.film.info.frames, elapsed, self._painted / elapsed, painting))


class _StoppedError(Exception):
    """Somebody wants no more frames."""


@dataclass(frozen=True)
class _UnderWay:
    """A frame that is being painted."""

    frame: FilmFrame
    shot: int
    """The number of the frame that its shot began with."""


def _together(paintings: Iterator[Finished], first: int) -> Iterator[tuple[int, list[Finished]]]:
    """Frames, from number `first` on, with those before them that have no state: nobody could go on behind these."""
    some: list[Finished] = []
    for finished in paintings:
        some.append(finished)
        if finished.state is not None:
            yield first, some
            first, some = first + len(some), []


def _settle(pending: deque[Future[None]], most: int = _AHEAD) -> None:
    """Waits until no more than so many frames are still to be written. Raises what went wrong."""
    while len(pending) > most:
        pending.popleft().result()


def _size(settings: FilmSettings) -> SizeRule | None:
    longest = settings.size
    return None if longest == "original" else lambda height, width: fit(height, width, int(longest))


def _packed(shot: int, state: bytes) -> bytes:
    """What the journal keeps behind a frame: the number of the frame that its shot began with, and the painter's."""
    return shot.to_bytes(8, "big") + state


def _unpacked(kept: bytes) -> tuple[int, bytes]:
    return int.from_bytes(kept[:8], "big"), kept[8:]


def _about(job: FilmJob, film: Film) -> dict[str, Any]:
    """What tells the frames of one film from those of another."""
    settings = job.settings.model_dump(mode="json", exclude=_NOT_SEEN)
    return {"film": fingerprint(film), "inputs": [_known_by(path) for path in job.looked_at], **settings}


def _known_by(path: Path) -> str:
    """A name for what is in a file, or in the files of a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return fingerprint_of(sorted(each for each in files if each.is_file()))


def _late_styles(settings: FilmSettings, film: Film) -> list[str]:
    duration = film.info.duration
    late = [text for text in settings.style_at if duration and parse_style_at(text)[0] > film.offset + duration]
    return [f"style-at: {text}: the film has ended before" for text in late]


def _mask_notes(settings: FilmSettings, frames: int) -> list[str]:
    counts = {name: len(frames_of(name, getattr(settings, name))) for name in ("mask", "protect")}
    return [
        f"{name}: there are {count} masks for {frames} frames; the last one holds on"
        for name, count in counts.items()
        if 1 < count < frames
    ]
