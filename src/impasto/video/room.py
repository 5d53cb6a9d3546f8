"""How much room a film takes on the disk, and whether there is as much."""

import shutil
from pathlib import Path

from impasto.errors import OutputError
from impasto.video.formats import film_format
from impasto.video.frames import FilmInfo
from impasto.video.journal import NEWEST, STATES_EVERY

_PNG = 2.1
"""Bytes of a pixel of a painting as PNG, from films that were made."""
_MEGABYTE, _GIGABYTE = 1e6, 1e9


def needed(path: Path, shape: tuple[int, int], info: FilmInfo, codec: str | None = None, state: float = 0) -> int:
    """About how many bytes the journal of the paintings of a film and the film at `path` take together, at most.

    `state` are the bytes of a pixel of what a painter goes on from, which the journal keeps behind some of the frames,
    and behind the newest. 0 where nobody knows how many frames there are. Raises `SettingsError` as `film_format` does.
    """
    format = film_format(path, codec)
    frames = info.frames or 0
    written = format.codec.bytes if format else _PNG
    if format and format.codec.encoder == "gif":
        written += 2.5  # until its colors are chosen its frames lie beside it
    states = frames / STATES_EVERY + NEWEST + 1 if frames else 0  # one more while the next is written
    return round(shape[0] * shape[1] * (frames * (_PNG + written) + states * state))


def taken(folder: Path) -> int:
    """How many bytes the files in a folder and its folders take; 0 where there is none."""
    try:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except OSError:
        return 0


def check_room(path: Path, bytes: int) -> None:
    """Raises `OutputError`, one line, where the disk that `path` is to be written to has less room."""
    try:
        free = shutil.disk_usage(path.absolute().parent).free
    except OSError:
        return  # writing there will say why
    if free < bytes:
        raise OutputError(
            f"{str(path)!r}: the film and its journal take about {_size(bytes)} until they are done, and {_size(free)} "
            "are free. Make room, or choose another place."
        )


def _size(bytes: int) -> str:
    return f"{bytes / _GIGABYTE:.1f} GB" if bytes >= _GIGABYTE else f"{bytes / _MEGABYTE:.0f} MB"
