"""Files that are written whole or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from impasto.errors import NO_ROOM, OutputError


def replace_file(path: str | Path, data: bytes) -> Path:
    """Puts `data` into the file `path`, as `replacing` does. Returns the path."""
    with replacing(path) as file:
        file.write(data)
    return Path(path)


@contextmanager
def replacing(path: str | Path) -> Iterator[BinaryIO]:
    """A new file beside `path`, open to be written, which then takes its place, as `replacing_path` says."""
    with replacing_path(path) as fresh, fresh.open("xb") as file:
        yield file


@contextmanager
def replacing_path(path: str | Path, name: str | None = None) -> Iterator[Path]:
    """The path of a file beside `path`, yet to be written and closed, which then takes its place.

    It is called `name`, or else what nothing else is called. What lies under that name goes first: a killed process
    left it behind, or it is a link that somebody has laid there, and where that leads is not to be written.
    Whatever happens on the way, an old file stays whole and nothing half-written is left. A link in the place itself is
    followed. The new file may be read and written by whoever might the old one.
    Raises `OutputError`, one line.
    """
    path = Path(path)
    try:
        target = _target(path)
        fresh = target.parent / name if name else _fresh_name(target.parent)
        fresh.unlink(missing_ok=True)
        try:
            yield fresh
            with fresh.open("r+b") as file:  # Windows writes nothing through a file that is open for reading alone
                os.fsync(file.fileno())  # some disks say that they are full only now
            with suppress(OSError):  # there was none, or it is somebody else's
                fresh.chmod(stat.S_IMODE(target.stat().st_mode))
            fresh.replace(target)
        except BaseException:  # a Ctrl-C too
            fresh.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error


def check_replaceable(path: str | Path) -> None:
    """Raises `OutputError`, one line, where `replace_file(path, ...)` is sure to fail; leaves nothing behind."""
    path = Path(path)
    try:
        if path.is_dir():
            raise OutputError(f"{str(path)!r} is a folder. Add the name of a file.")
        if path.exists() and not path.is_file():
            raise OutputError(f"{str(path)!r} is no regular file. Choose another name.")
        fresh = _fresh_name(_target(path).parent)
        fresh.open("xb").close()  # the one sure answer: permission bits do not tell it, least of all to root
        fresh.unlink()
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error


def _target(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises what is no OSError where links go in a circle


def _fresh_name(folder: Path) -> Path:
    return folder / f".impasto-{secrets.token_hex(6)}.tmp"


def refusal(path: Path, error: Exception) -> OutputError:
    """The one line to raise where the system does not let `path` be written."""
    if isinstance(error, FileNotFoundError | NotADirectoryError) and not path.parent.is_dir():
        return OutputError(f"{str(path)!r} cannot be written: there is no folder {str(path.parent)!r}. Make it first.")
    reason = getattr(error, "strerror", None) or error
    remedy = "Make room there, or choose" if getattr(error, "errno", None) in NO_ROOM else "Choose"
    return OutputError(f"{str(path)!r} cannot be written ({reason}). {remedy} another place.")
