"""Carry out a batch: make what is not there yet, and go on where a picture cannot be had."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from os.path import exists  # unlike that of a path it says no, too, where a name is too long
from pathlib import Path
from threading import Lock

import torch

from impasto.devices import choose
from impasto.digests import file_digest
from impasto.engine.progress import OnProgress, silent
from impasto.errors import DeviceError, ImageError, OutputError
from impasto.images import check_writable, replace_file, shape_of
from impasto.images.record import read_record
from impasto.jobs.batch import Batch
from impasto.jobs.batch_jobs import jobs_of, left_out
from impasto.jobs.job import Job
from impasto.jobs.run import OnPicture, make
from impasto.methods.start import check_start
from impasto.settings import StylizeSettings
from impasto.styles import file_of

_LEDGER = ".impasto-batch.json"
"""File in the folder that is written to: what each picture there was made of."""
_LARGE = 2048
"""Pixels of the longer side, above which a picture is painted alone."""

Work = tuple[int, Job]
InTurn = Callable[[Callable[[Work], str], Iterable[Work]], Iterable[str]]


@dataclass(frozen=True)
class Done:
    """What became of the pictures of a batch."""

    made: list[Path] = field(default_factory=list)
    """Files that were written."""
    replaced: list[Path] = field(default_factory=list)
    """Those of them in whose place another file was."""
    kept: list[Path] = field(default_factory=list)
    """Files that an earlier run wrote, of the same pictures with the same settings."""
    notes: dict[str, None] = field(default_factory=dict)
    """What the user should know, each line once."""
    failed: dict[Path, str] = field(default_factory=dict)
    """Pictures that could not be painted, each with the reason."""


def run_batch(batch: Batch, on_picture: OnPicture = lambda *_: None, on_progress: OnProgress = silent) -> Done:
    """Makes the pictures of the batch. A picture that cannot be read or is too large, for the machine or for its
    format, does not stop the others.

    Raises `ImpastoError`, before any work, where there is no picture, a style cannot be read, nothing could be written
    or what no run has made would be written over, and `KeyboardInterrupt` where it is stopped; what is done by then is
    kept.
    """
    jobs = jobs_of(batch)
    _check(batch, jobs)
    ledger, done, of = _Ledger(batch.output / _LEDGER), Done(), cache(file_digest)
    done.notes.update(dict.fromkeys(left_out(batch.folder)))
    waiting = []
    for number, job in enumerate(jobs, 1):
        # To read all photos of a large folder takes minutes: one that has no picture yet is read when its turn comes.
        if exists(job.output) and ledger.says(job.output.name, job.digest(of)):
            done.kept.append(job.output)
        else:
            _check_ours(job.output, ledger)
            waiting.append((number, job))

    def paint(each: Work) -> str:
        """What kept the picture from being painted; nothing where it was."""
        number, job = each
        on_picture(number, len(jobs), job.content.name)
        digest = job.digest(of)  # before: a photo that changes meanwhile is painted again by the next run
        try:
            result = make(job, on_progress)
        except (ImageError, DeviceError, OutputError) as error:
            return str(error)
        if result.stopped == "interrupted":
            raise KeyboardInterrupt
        done.notes.update(dict.fromkeys(result.notes))
        if job.output.exists():
            done.replaced.append(job.output)
        result.save(job.output)
        ledger.note(job.output.name, digest)
        return ""

    with _side_by_side(batch.settings) as in_turn:
        for (_, job), failure in zip(waiting, in_turn(paint, waiting), strict=True):
            if failure:
                done.failed[job.content] = failure
            else:
                done.made.append(job.output)
    return done


def _check(batch: Batch, jobs: Sequence[Job]) -> None:
    """Makes the folder. Raises `ImpastoError` where a style, a mask or a start cannot be read, or nothing written."""
    for path in (*(style for style in batch.styles if not file_of(style)), *map(Path, batch.settings.drawn)):
        shape_of(path)
    check_start(batch.settings.init)
    batch.output.mkdir(parents=True, exist_ok=True)
    longest = 1 if batch.settings.size == "original" else batch.settings.size
    # A name may be too long, which is told when its turn comes: of each ending the shortest one is tried.
    by_length = sorted(jobs, key=lambda job: len(job.output.name), reverse=True)
    for job in {job.output.suffix: job for job in by_length}.values():
        check_writable(job.output, job.settings, longest)


def _check_ours(path: Path, ledger: "_Ledger") -> None:
    """Raises `OutputError` where there is a file that no run has made: nobody has named it to be written over."""
    if not exists(path) or ledger.knows(path.name):
        return
    try:
        made = read_record(path) is not None
    except ImageError:
        made = False
    if not made:
        raise OutputError(
            f"{str(path)!r} is there already, and impasto did not make it. Move it away, or name another folder."
        )


@contextmanager
def _side_by_side(settings: StylizeSettings) -> Iterator[InTurn]:
    """What carries out work in turn: two pictures of one pass at the same time, as each alone keeps few cores busy.

    Very large ones share no memory with others, and a search fills the cores by itself.
    """
    threads = torch.get_num_threads()
    small = settings.size != "original" and settings.size <= _LARGE
    if settings.method != "feedforward" or not small or threads < 2 or choose(settings).device.type != "cpu":
        yield map
        return
    try:
        with ThreadPoolExecutor(2, initializer=torch.set_num_threads, initargs=(threads // 2,)) as pool:
            try:
                yield pool.map
            finally:
                pool.shutdown(cancel_futures=True)
    finally:
        torch.set_num_threads(threads)


class _Ledger:
    """What each file of a folder was made of, as a digest. One that is damaged says nothing; any thread may write.

    So may another run: what that has noted meanwhile stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._read()
        self._noted: dict[str, str] = {}
        self._writing = Lock()

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def knows(self, name: str) -> bool:
        return name in self._known

    def says(self, name: str, digest: str) -> bool:
        return self._known.get(name) == digest

    def note(self, name: str, digest: str) -> None:
        with self._writing:
            self._noted[name] = digest
            told = json.dumps(self._read() | self._noted, indent=1)  # a name need not be text
            replace_file(self._path, told.encode())
