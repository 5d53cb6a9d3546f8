"""Carry out a request for a film.

Each finished frame goes into a journal, with what the painter needs to go on behind it. A run that was broken off, in
whatever way, goes on from there, and the film is that of an unbroken run.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, Literal

from pydantic_core import to_json

from impasto import devices
from impasto.claims import claim
from impasto.errors import CheckpointError
from impasto.jobs.film import FilmProgress, FilmResult, OnFilmProgress
from impasto.jobs.film_job import FilmJob
from impasto.jobs.film_run import Run, film_painter, opened
from impasto.jobs.film_shots import SideBySide
from impasto.methods.stage import masks_of
from impasto.motion import Frame
from impasto.settings import FilmSettings
from impasto.settings.film import parse_steps_back, parse_style_at
from impasto.version import __version__
from impasto.video.fingerprint import fingerprint, fingerprint_of
from impasto.video.frames import FilmFrame
from impasto.video.journal import Journal, alone, begun
from impasto.video.reading import Film
from impasto.video.record import STYLES
from impasto.video.room import check_room, needed, taken
from impasto.video.shot_journals import ShotJournals
from impasto.video.writing import FilmWriter


@devices.untouched()
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
    _check_free(job, resume)
    with opened(job) as film:
        shape = film.info.shape
        room = needed(job.output, shape, film.info, settings.codec, _bytes_of_state(settings))
        check_room(job.output, room - taken(job.journal))
        places = devices.places(settings, settings.workers)
        tell = _teller(on_progress, film.info.frames, began)
        with alone(job.journal):
            new = FilmWriter(job.output, shape, film, settings.codec, settings.crf, _record(job))
            with new as writer, _journal(job, film, places) as journal:
                run = _run_of(job, film, places, journal, writer, tell, stop)
                run.all()
                if run.interrupted:
                    _end_early(writer, journal.done)
            if not run.interrupted:
                journal.remove()
        unlike = [] if run.interrupted else [*_late_styles(settings, film), *_mask_notes(settings, writer.count)]
        notes = [*film.notes, *writer.notes, *run.notes, *unlike]
    stopped: Literal["painted", "interrupted"] = "interrupted" if run.interrupted else "painted"
    seconds = monotonic() - began
    return FilmResult(job.output, writer.written, writer.shape, seconds, stopped, list(dict.fromkeys(notes)))


def _check_free(job: FilmJob, resume: bool) -> None:
    """Raises `OutputError` where the film would replace what it is made of, `CheckpointError` finished frames."""
    claim((job.output, job.journal), taken=job.inputs)
    if begun(job.journal) and not resume:
        raise CheckpointError(
            f"{str(job.journal)!r} is there already, with finished frames of this film. Add --resume to go on from "
            "them, or delete it to begin anew."
        )


def _end_early(writer: FilmWriter, done: int) -> None:
    """Ends the film with its last frame. Raises `KeyboardInterrupt` where an earlier run has made a longer one."""
    if writer.count < max(1, done):
        raise KeyboardInterrupt
    writer.cut_short()


@contextmanager
def _journal(job: FilmJob, film: Film, places: Sequence[str]) -> Iterator[Journal | ShotJournals]:
    """What keeps the finished frames: of all, or where shots are painted side by side, of each. None stays empty."""
    several = len(places) > 1
    about = _about(job, film, "several" if several else "one")
    journal = ShotJournals(job.journal, about) if several else Journal(job.journal, about)
    try:
        yield journal
    finally:
        if not journal.done:
            journal.remove()


def _run_of(
    job: FilmJob,
    film: Film,
    places: Sequence[str],
    journal: Journal | ShotJournals,
    writer: FilmWriter,
    tell: Callable[[int, Frame], object],
    stop: Event,
) -> Run | SideBySide:
    """What paints the film: this process, or one at each place."""
    if isinstance(journal, ShotJournals):
        return SideBySide(job, film, places, writer, tell, stop)
    painter = film_painter(job.styles, job.settings)
    return Run(film.frames(), film.offset, painter, journal, _written_by(writer), tell, stop)


def _teller(on_progress: OnFilmProgress, frames: int | None, began: float) -> Callable[[int, Frame], object]:
    """What is to be told how many frames are done, once for each that is painted, with the painting."""
    painted = count(1)

    def tell(done: int, painting: Frame) -> None:
        elapsed = monotonic() - began
        on_progress(FilmProgress(done, frames, elapsed, next(painted) / elapsed, painting))

    return tell


def _written_by(writer: FilmWriter) -> Callable[[int, FilmFrame, Callable[[], Frame]], object]:
    return lambda _, frame, painting: writer.add(painting(), frame.time, frame.duration)


def _bytes_of_state(settings: FilmSettings) -> float:
    """Of a pixel of what a painter goes on from, as measured: a search keeps all paintings that it looks back to."""
    return 30 if settings.method == "feedforward" else 12 + 6 * max(parse_steps_back(settings.steps_back))


def _record(job: FilmJob) -> str:
    """What the film keeps of how it was made."""
    styles = [str(style).encode(errors="replace").decode() for style in job.styles]  # a name need not be text
    return to_json({**job.settings.model_dump(mode="json", exclude={*job.settings.unseen}), STYLES: styles}).decode()


def _about(job: FilmJob, film: Film, workers: Literal["one", "several"]) -> dict[str, Any]:
    """What tells the frames of one film from those of another, and how they are kept."""
    settings = job.settings.model_dump(mode="json", exclude={*job.settings.unseen})
    inputs = [_known_by(path) for path in job.looked_at]
    return {"film": fingerprint(film), "inputs": inputs, **settings, "workers": workers, "version": __version__}


def _known_by(path: Path) -> str:
    """A name for what is in a file, or in the files of a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return fingerprint_of(sorted(each for each in files if each.is_file()))


def _late_styles(settings: FilmSettings, film: Film) -> list[str]:
    duration = film.info.duration
    late = [text for text in settings.style_at if duration and parse_style_at(text)[0] > film.offset + duration]
    return [f"style-at: {text}: the film has ended before" for text in late]


def _mask_notes(settings: FilmSettings, frames: int) -> list[str]:
    counts = {name: len(masks_of(name, getattr(settings, name))) for name in ("mask", "protect")}
    return [
        f"{name}: there are {count} masks for {frames} frames; "
        + ("the last one holds on" if count < frames else "the first of them was that of the first frame painted")
        for name, count in counts.items()
        if 1 < count != frames
    ]
