"""Which pictures of a folder a batch makes, and what each is written to."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from impasto.claims import claim
from impasto.errors import ImageError, OutputError, SettingsError
from impasto.images.formats import OTHERS, RAW, SUFFIXES, Format, format_of_content, format_to_write
from impasto.jobs.batch import Batch
from impasto.jobs.job import Job

_INSTEAD = ".png"
"""Ending for pictures in a format that is read and not written."""


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
            remedy = "Leave --ending out, or rename them" if batch.ending else "Rename them"
            raise OutputError(f"{times} pictures would be written to {name!r}, in capitals or not. {remedy}.")
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
            yield path, own if format.writable and own in format.suffixes else _INSTEAD
        elif own in SUFFIXES:
            yield path, _INSTEAD


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


def left_out(folder: Path) -> list[str]:
    """What to say of pictures that somebody may miss."""
    others = [path.name for path in _files(folder) if path.suffix.lower() in OTHERS and not _format(path)]
    what = f"{len(others)} pictures are" if len(others) > 1 else "1 picture is"
    told = f"{what} of a kind that impasto does not read ({', '.join(others[:3])}): convert to PNG or JPEG first"
    return [told] if others else []
