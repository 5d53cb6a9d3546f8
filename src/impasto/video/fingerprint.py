"""Which film it is, whatever it is called."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from impasto.errors import FilmError
from impasto.video.folder import FolderSource
from impasto.video.reading import Film

_PIECE = 1 << 20
"""Bytes that are looked at where a file begins, in its middle and where it ends."""


def fingerprint(film: Film) -> str:
    """A name for what the film's files hold: another one for another film. Raises `FilmError`."""
    return fingerprint_of(film.source.files if isinstance(film.source, FolderSource) else [film.path])


def fingerprint_of(files: Iterable[Path]) -> str:
    """A name for what files hold, however long they are: only their lengths and three pieces of each are looked at.

    Raises `FilmError`.
    """
    seen = sha256()
    for path in files:
        try:
            size = path.stat().st_size
            seen.update(f"|{size}|".encode())
            with path.open("rb") as file:
                for place in (0, max(0, size - _PIECE) // 2, max(0, size - _PIECE)):
                    file.seek(place)
                    seen.update(file.read(_PIECE))
        except OSError as error:
            raise FilmError(f"{str(path)!r} cannot be read ({error.strerror}). Check the path.") from error
    return seen.hexdigest()
