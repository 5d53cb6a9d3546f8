"""What a run may not write over: what it reads, and what else it writes."""

import os
from collections.abc import Iterable
from pathlib import Path

from impasto.errors import OutputError


def claim(paths: Iterable[Path], taken: Iterable[Path]) -> None:
    """Raises `OutputError` where one of the paths is taken, or comes twice, whatever it is called there."""
    known = {_identity(path) for path in taken}
    for path in paths:
        if _identity(path) in known:
            raise OutputError(f"{str(path)!r} is also an input of this run, or another output. Write to another file.")
        known.add(_identity(path))


def _identity(path: Path) -> str | tuple[int, int]:
    """The same for all names of a file: links, capitals where they mean nothing, another way to a folder."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # it is not there yet
        return os.path.realpath(path)
    return found.st_dev, found.st_ino
