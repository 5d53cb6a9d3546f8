"""One of several processes that paint shots of a film: `python -m impasto.jobs.film_worker`, begun by `film_shots`.

It speaks on stdout, and is answered on stdin, a line of JSON each. It is told what to do, and then asks for a shot, and
for each frame whether the shot goes on; it tells of each finished frame. Where nobody listens any more, it ends.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Generator
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, TextIO

import torch

from impasto.allocator import keep_freed_memory
from impasto.errors import ImpastoError, kind_of
from impasto.jobs.film_job import FilmJob
from impasto.jobs.film_run import Run, StoppedError, film_painter, opened
from impasto.motion import Frame
from impasto.networks import download
from impasto.video.frames import FilmFrame
from impasto.video.journal import Journal
from impasto.video.reading import Film, looked_at
from impasto.video.shot_journals import folder_of


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # they reach all processes of a terminal: who began us will say
        signal.signal(number, signal.SIG_IGN)
    out, sys.stdout = sys.stdout, sys.stderr
    download.console.quiet = True
    try:
        _report(_Foreman(sys.stdin, out))
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more


def _report(foreman: "_Foreman") -> None:
    """Works, and tells of what goes wrong."""
    try:
        keep_freed_memory()
        _work(foreman)
    except ImpastoError as error:
        foreman.tell("refused", error=kind_of(error), text=str(error))
    except Exception as error:
        memory = isinstance(error, MemoryError | torch.OutOfMemoryError)
        text = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
        foreman.tell("fault", text=text, memory=memory)


def _work(foreman: "_Foreman") -> None:
    task = foreman.ask("task")
    job, folder = FilmJob.model_validate(task["job"]), Path(task["folder"])
    with opened(job) as film:
        painter, way = film_painter(job.styles, job.settings), _Pass(film)
        while (first := foreman.ask("shot")) is not None:
            journal = Journal(folder_of(folder, first), {})
            frames, tell = way.shot(first, foreman), _told(foreman, journal, first)
            Run(frames, film.offset, painter, journal, tell, _ignored, Event(), first, _never).all()
        foreman.tell("notes", notes=list(painter.notes))


def _told(foreman: "_Foreman", journal: Journal, first: int) -> Callable[[int, FilmFrame, Callable[[], Frame]], None]:
    """What tells of finished frames where they lie, and whether this run has painted them."""
    kept = first + journal.done

    def tell(number: int, frame: FilmFrame, painting: Callable[[], Frame]) -> None:
        foreman.tell("done", number=number, path=str(journal.path(number - first)), fresh=number >= kept)

    return tell


def _ignored(number: int, painting: Frame) -> None:
    pass


def _never(frame: Frame) -> bool:
    return False  # what a shot is, is not found out here


class _Pass:
    """A pass through a film, some shots of which are looked at."""

    def __init__(self, film: Film) -> None:
        self._moments, self._next = film.moments(), 0

    def shot(self, first: int, foreman: "_Foreman") -> Generator[FilmFrame]:
        """The frames of a shot that begins at frame number `first`, which has not gone by yet."""
        for _ in islice(self._moments, first - self._next):
            pass
        self._next = first
        while goes_on := foreman.ask("frame", number=self._next):
            self._next += 1
            yield looked_at(next(self._moments))
        if goes_on is None:
            raise StoppedError


class _Foreman:
    """Who began this process."""

    def __init__(self, heard: TextIO, said: TextIO) -> None:
        self._said, self._one = said, Lock()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        Thread(target=self._listen, args=(heard,), daemon=True).start()

    def _listen(self, heard: TextIO) -> None:
        for line in heard:
            self._answers.put(json.loads(line))
        os._exit(1)  # nobody wants what is at work

    def tell(self, kind: str, **what: object) -> None:
        with self._one:
            print(json.dumps({"kind": kind, **what}), file=self._said, flush=True)

    def ask(self, kind: str, **what: object) -> Any:
        self.tell(kind, **what)
        return self._answers.get()


if __name__ == "__main__":
    main()
