"""Carry out a batch: make what is not there yet, and go on where a picture cannot be had."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from os.path import exists  # unlike that of a path it says no, too, where a name is too long
from pathlib import Path
from threading import Lock

import torch

from impasto.claims import claim
from impasto.devices import choose
from impasto.digests import file_digest
from impasto.engine.progress import OnProgress, silent
from impasto.errors import DeviceError, ImageError, OutputError, SettingsError
from impasto.images import check_writable, replace_file, shape_of
from impasto.images.formats import OTHERS, RAW, SUFFIXES, Format, format_of_content, format_to_write
from impasto.images.record import read_record
from impasto.jobs.batch import Batch
from impasto.jobs.job import Job
from impasto.jobs.run import OnPicture, make
from impasto.methods.start import check_start
from impasto.settings import StylizeSettings
from impasto.styles import found

_JOURNAL = ".impasto-batch.json"
"""File in the folder that is written to: what each picture there was made of."""
_OTHERS = ".png"
"""Ending for pictures in a format that is read and not written."""
_LARGE = 2048
"""Pixels of the longer side, above which a picture is painted alone."""

Work = tuple[int, Job, str]
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
    for path in (*(style for style in batch.styles if not found(style)), *map(Path, batch.settings.drawn)):
        shape_of(path)
    check_start(batch.settings.init)
    batch.output.mkdir(parents=True, exist_ok=True)
    longest = 1 if batch.settings.size == "original" else batch.settings.size
    # A name may be too long, which is told when its turn comes: of each ending the shortest one is tried.
    by_length = sorted(jobs, key=lambda job: len(job.output.name), reverse=True)
    for job in {job.output.suffix: job for job in by_length}.values():
        check_writable(job.output, job.settings, longest)
    journal, done, of = _Journal(batch.output / _JOURNAL), Done(), cache(file_digest)
    done.notes.update(dict.fromkeys(_left_out(batch.folder)))
    waiting = []
    for number, job in enumerate(jobs, 1):
        digest = job.digest(of)
        if exists(job.output) and journal.says(job.output.name, digest):
            done.kept.append(job.output)
        else:
            _check_ours(job.output, journal)
            waiting.append((number, job, digest))

    def paint(each: Work) -> str:
        """What kept the picture from being painted; nothing where it was."""
        number, job, digest = each
        on_picture(number, len(jobs), job.content.name)
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
        journal.note(job.output.name, digest)
        return ""

    with _side_by_side(batch.settings) as in_turn:
        for (_, job, _), failure in zip(waiting, in_turn(paint, waiting), strict=True):
            if failure:
                done.failed[job.content] = failure
            else:
                done.made.append(job.output)
    return done


def _check_ours(path: Path, journal: "_Journal") -> None:
    """Raises `OutputError` where there is a file that no run has made: nobody has named it to be written over."""
    if not exists(path) or journal.knows(path.name):
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


def jobs_of(batch: Batch) -> list[Job]:
    """One for each picture in the folder, by name.

    Raises `ImageError` for a folder without a picture, `OutputError` for one that is written to, or where two pictures
    would get the same file, `SettingsError` for an ending that no picture has.
    """
    if not batch.folder.is_dir():
        raise ImageError(f"there is no folder {str(batch.folder)!r}. For a single picture use impasto stylize.")
    if batch.output.is_file():
        raise OutputError(f"{str(batch.output)!r} is a file. Name a folder: each picture is a file in it.")
    if batch.output.exists() and batch.folder.samefile(batch.output):
        raise OutputError(f"{str(batch.output)!r} is the folder of the photos. Write to another one: they are kept.")
    if batch.ending and not batch.ending.startswith("."):
        raise SettingsError(f"ending: {batch.ending!r} begins with no dot. Give one such as .png.")
    jobs = [batch.job(path, batch.ending or ending) for path, ending in _pictures(batch.folder)]
    if not jobs:
        raise ImageError(f"there is no picture in the folder {str(batch.folder)!r}. Folders inside are not searched.")
    for name, times in Counter(job.output.name.lower() for job in jobs).items():
        if times > 1:
            raise OutputError(f"{times} pictures would be written to {name!r}. Leave --ending out, or rename them.")
    for job in jobs:
        format_to_write(job.output)
    claim((job.output for job in jobs), taken={path for job in jobs for path in job.inputs})
    return jobs


def _pictures(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files that begin as pictures do, each with the ending of a file that can be written.

    What is only called a picture is among them: that it cannot be read is to be told.
    """
    for path in _files(folder):
        own, format = path.suffix.lower(), _format(path)
        if format:
            yield path, own if format.writable and own in format.suffixes else _OTHERS
        elif own in SUFFIXES:
            yield path, _OTHERS


def _files(folder: Path) -> list[Path]:
    """All files, in order, and links to nothing: that is told when their turn comes."""
    there = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in there if path.is_file() or not path.exists())


def _format(path: Path) -> Format | None:
    """What a file is read as; None where it is not, or cannot be."""
    if path.suffix.lower() in RAW:
        return None
    try:
        with path.open("rb") as file:
            return format_of_content(file.read(12))
    except OSError:
        return None


def _left_out(folder: Path) -> list[str]:
    """What to say of pictures that somebody may miss."""
    others = [path.name for path in _files(folder) if path.suffix.lower() in OTHERS and not _format(path)]
    what = f"{len(others)} pictures are" if len(others) > 1 else "1 picture is"
    told = f"{what} of a kind that impasto does not read ({', '.join(others[:3])}): convert to PNG or JPEG first"
    return [told] if others else []


class _Journal:
    """What each file of a folder was made of, as a digest. One that is damaged says nothing; any thread may write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            known = json.loads(path.read_bytes())
        except (OSError, ValueError):
            known = {}
        self._known: dict[str, str] = known if isinstance(known, dict) else {}
        self._writing = Lock()

    def knows(self, name: str) -> bool:
        return name in self._known

    def says(self, name: str, digest: str) -> bool:
        return self._known.get(name) == digest

    def note(self, name: str, digest: str) -> None:
        with self._writing:
            self._known[name] = digest
            replace_file(self._path, json.dumps(self._known, indent=1).encode())  # a name need not be text
