"""The shots of a film painted side by side, each by a process of its own, and put together as they come.

A shot begins anew, whatever came before it: so shots do not wait for each other. The film is read here once, for its
cuts and its times; each process reads it for the frames of its shots.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Condition, Event, Lock, Thread
from typing import Any

import torch

from impasto import errors
from impasto.errors import DeviceError
from impasto.jobs.film_job import FilmJob
from impasto.motion import Cuts, Frame
from impasto.video.journal import frame_at
from impasto.video.reading import Film
from impasto.video.writing import FilmWriter

_PATIENCE = 0.1
"""Seconds after which whoever waits looks whether it is still wanted."""


class SideBySide:
    """One pass through a film."""

    def __init__(
        self,
        job: FilmJob,
        film: Film,
        places: Sequence[str],
        writer: FilmWriter,
        tell: Callable[[int, Frame], object],
        stop: Event,
    ) -> None:
        """`places` names the device of each process.

        `tell` takes how many frames are done whenever this run has painted one, and the painting. Once `stop` is set,
        all end with the frame at which they are.
        """
        self._job, self._places = job, places
        self._writer, self._tell, self._stop = writer, tell, stop
        self._shots = _Shots(film, stop)
        self._heard: SimpleQueue[_Done | list[str] | BaseException | None] = SimpleQueue()
        self._opening, self._starting = Lock(), Lock()
        self._workers: list[_Worker] = []
        self._done: dict[int, Path] = {}
        """Where paintings lie that are still to be written, by the numbers of their frames."""
        self.notes: list[str] = []
        """What the user should know, a line each."""
        self.interrupted = False

    def all(self) -> None:
        """Paints what is not in the journals, and writes all frames up to the first that is missing."""
        working = [Thread(target=self._work, args=(place,), daemon=True) for place in self._places]
        working.append(Thread(target=self._shots.find, daemon=True))
        for thread in working:
            thread.start()
        try:
            self._gather()
        finally:
            with self._opening:
                self._shots.unwanted.set()
            for worker in self._workers:
                worker.close()
            for thread in working:
                thread.join()
        self.interrupted = self._writer.count < len(self._shots.times) or not self._shots.whole

    def _gather(self) -> None:
        """Takes what is told until nobody is at work."""
        at_work = len(self._places)
        while at_work:
            try:
                match self._heard.get(timeout=_PATIENCE):
                    case _Done() as done:
                        self._add(done)
                    case list() as notes:
                        self.notes += notes
                    case None:
                        at_work -= 1
                    case error:
                        raise error
            except Empty:  # so that Ctrl-C is heard
                continue
            except KeyboardInterrupt:
                if self._stop.is_set():
                    raise
                self._stop.set()
        if self._shots.error:
            raise self._shots.error

    def _add(self, done: "_Done") -> None:
        self._done[done.number] = done.path
        if done.fresh:
            self._tell(self._writer.count + len(self._done), frame_at(done.path))
        while path := self._done.pop(self._writer.count, None):
            self._writer.add(frame_at(path), *self._shots.times[self._writer.count])

    def _work(self, place: str) -> None:
        """Has shots painted at a place, one after the other, until there are no more."""
        try:
            if (shot := self._shots.next()) is not None:
                self._paint(shot, place)
        except BaseException as error:
            self._heard.put(error)
        finally:
            self._heard.put(None)

    def _paint(self, shot: int, place: str) -> None:
        shots = chain([shot], iter(self._shots.next, None))
        with self._starting:  # one after the other: what the first one downloads is there for the next
            worker = self._opened(place)
            told = worker.told()
            ready = next(told, None)
        for kind, what in chain([ready] if ready else [], told):
            match kind:
                case "shot":
                    shot = next(shots, -1)
                    worker.answer(None if shot < 0 else shot)
                case "frame":
                    worker.answer(self._shots.has(shot, what["number"]))
                case "done":
                    self._heard.put(_Done(what["number"], Path(what["path"]), what["fresh"]))
                case "notes":
                    self._heard.put(what["notes"])

    def _opened(self, place: str) -> "_Worker":
        settings = self._job.settings.model_copy(update={"device": place})
        task = {"job": self._job.model_copy(update={"settings": settings}).model_dump(mode="json")}
        with self._opening:
            if self._shots.unwanted.is_set():
                raise KeyboardInterrupt
            worker = _Worker({**task, "folder": str(self._job.journal)}, len(self._places))
            self._workers.append(worker)
            return worker


@dataclass(frozen=True)
class _Done:
    """A painting."""

    number: int
    """Of its frame."""
    path: Path
    """Where it lies."""
    fresh: bool
    """Whether this run has made it."""


class _Shots:
    """The shots of a film, as they are found: each is known by the number of its first frame."""

    def __init__(self, film: Film, stop: Event) -> None:
        self._film, self._stop = film, stop
        self.unwanted = Event()
        """Once it is set, no more are looked for."""
        self.times: list[tuple[Fraction, Fraction]] = []
        """Of all frames that were seen: when they are shown, and for how long."""
        self.whole = False
        """Whether the film was seen to its end."""
        self.error: Exception | None = None
        """What was wrong with the film."""
        self._firsts: list[int] = []
        self._given = 0
        self._seen = Condition()
        self._ended = False

    def find(self) -> None:
        """Looks at the whole film."""
        cuts = Cuts()
        try:
            for number, frame in enumerate(self._film.frames()):
                if self._stop.is_set() or self.unwanted.is_set():
                    return
                begins = cuts(frame.pixels) or not number
                with self._seen:
                    self.times.append((frame.time, frame.duration))
                    self._firsts += [number] if begins else []
                    self._seen.notify_all()
            self.whole = True
        except Exception as error:
            self.error = error
        finally:
            with self._seen:
                self._ended = True
                self._seen.notify_all()

    def next(self) -> int | None:
        """The next shot, for one who asks; None where there are no more."""
        with self._seen:
            while self._goes_on() and self._given == len(self._firsts) and not self._ended:
                self._seen.wait(_PATIENCE)
            if not self._goes_on() or self._given == len(self._firsts):
                return None
            self._given += 1
            return self._firsts[self._given - 1]

    def has(self, shot: int, number: int) -> bool | None:
        """Whether a frame, the one after those known to be in the shot, belongs to it; None where all is to end."""
        with self._seen:
            while self._goes_on() and number >= len(self.times) and not self._ended:
                self._seen.wait(_PATIENCE)
            if not self._goes_on():
                return None
            return number < len(self.times) and (number == shot or number not in self._firsts)

    def _goes_on(self) -> bool:
        return not (self._stop.is_set() or self.unwanted.is_set() or self.error)


class _Worker:
    """A process that paints shots: see `film_worker`."""

    def __init__(self, task: dict[str, Any], shares: int) -> None:
        """It is given one of so many shares of the processor."""
        self._task = task
        threads = str(max(1, torch.get_num_threads() // shares))
        self._process = subprocess.Popen(
            # -P: nothing is imported from the folder that it happens to be called in.
            [sys.executable, "-P", "-m", "impasto.jobs.film_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            # What can be imported here can be so there.
            env={**os.environ, "OMP_NUM_THREADS": threads, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def told(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What it says: the kind, and the rest. Raises what was raised there."""
        assert self._process.stdout
        for line in self._process.stdout:
            what = json.loads(line)
            match kind := what.pop("kind"):
                case "task":
                    self.answer(self._task)
                case "refused":
                    refusal = getattr(errors, what["error"])
                    raise refusal.__new__(refusal, what["text"])  # its text is made already
                case "fault":
                    raise (MemoryError if what["memory"] else RuntimeError)(what["text"])
                case _:
                    yield kind, what
        if code := self._process.wait():
            raise DeviceError(
                f"a process that painted a shot was ended (code {code}), most likely for want of memory. Use fewer "
                "--workers; --resume goes on with the finished frames."
            )

    def answer(self, what: object) -> None:
        assert self._process.stdin
        with suppress(OSError):  # it has ended: reading on will tell
            self._process.stdin.write(f"{json.dumps(what)}\n")
            self._process.stdin.flush()

    def close(self) -> None:
        """Ends it, wherever it is."""
        self._process.kill()
        self._process.wait()
