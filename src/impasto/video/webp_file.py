"""WebP. Its encoder is not told how long the last frame lasts, and guesses: that is put right in the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from impasto.video.encoding import EncodedFile
from impasto.video.formats import FilmFormat
from impasto.video.reading import Film

_HEAD, _CHUNK = 12, 8
"""Bytes before the first chunk of a file, and those before what is in a chunk: its name, and how long it is."""
_PLACE, _BYTES = 12, 3
"""Where in the chunk of a frame its milliseconds are, and how many bytes they take."""
_LONGEST = (1 << 8 * _BYTES) - 1


class WebpFile(EncodedFile):
    """An animated WebP, whose last frame lasts as long as it should."""

    def __init__(self, path: Path, format: FilmFormat, shape: tuple[int, int], film: Film) -> None:
        """Begins the file. Raises `av.FFmpegError`."""
        super().__init__(path, format, shape, film)
        self._path = path

    def finish(self) -> None:
        """Writes what is left, and closes the file."""
        super().finish()
        _end_after(self._path, self.ticks)


def _end_after(path: Path, length: int) -> None:
    """Has the last frame end when the film has taken so many milliseconds. One that never changes is a mere picture."""
    with path.open("r+b") as file:
        lasting = {place: _number(file, place) for place in _places(file)}
        if lasting:
            last, _ = lasting.popitem()
            left = min(max(1, length - sum(lasting.values())), _LONGEST)
            file.seek(last)
            file.write(left.to_bytes(_BYTES, "little"))


def _places(file: BinaryIO) -> Iterator[int]:
    """Where the durations of the frames are, in their order."""
    chunk = _HEAD
    while file.seek(chunk) and len(head := file.read(_CHUNK)) == _CHUNK:
        if head.startswith(b"ANMF"):
            yield chunk + _CHUNK + _PLACE
        size = int.from_bytes(head[4:], "little")
        chunk += _CHUNK + size + size % 2


def _number(file: BinaryIO, place: int) -> int:
    file.seek(place)
    return int.from_bytes(file.read(_BYTES), "little")
