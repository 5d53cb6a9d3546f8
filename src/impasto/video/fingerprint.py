"""Which film it is, whatever it is called."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from impasto.video.reading import Film

_PIECE = 1 << 20
"""Bytes that are looked at where a file begins, in its middle and where it ends."""


def fingerprint(film: Film) -> str:
    """A name for what the film's files hold: another one for another film."""
    return fingerprint_of(film.source.files)


def fingerprint_of(files: Iterable[Path]) -> str:
    """A name for what files hold, however long they are: only their lengths and three pieces of each are looked at.

    What cannot be read counts as such: a film of pictures may do without some.
    """
    seen = sha256()
    for path in files:
        try:
            for piece in _pieces(path):
                seen.update(piece)
        except OSError as error:
            seen.update(f"|{error.errno}|".encode())
    return seen.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    if not path.is_file():  # a pipe would wait forever
        yield b"|no file|"
        return
    size = path.stat().st_size
    yield f"|{size}|".encode()
    with path.open("rb") as file:
        for place in (0, max(0, size - _PIECE) // 2, max(0, size - _PIECE)):
            file.seek(place)
            yield file.read(_PIECE)
