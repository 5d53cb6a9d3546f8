"""A film as a folder of pictures."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from impasto.errors import OutputError
from impasto.images.atomic import refusal
from impasto.images.picture import Picture
from impasto.images.reading import read
from impasto.images.writing import write
from impasto.settings import FileSettings, SizeSettings
from impasto.video.frames import FilmFrame
from impasto.video.reading import Film

_NAME = re.compile(r"\d{6,}\.png")


class Stills:
    """A folder of PNG: 000001.png, 000002.png, and so on."""

    left_out = 0

    def __init__(self, folder: Path, film: Film, record: str = "") -> None:
        """`folder` is there, and empty."""
        self._folder = folder
        self._files, self._sizes = FileSettings(), SizeSettings()
        self._count, self._record = 0, record
        self.notes = ["a folder of pictures holds no sound: left out."] if film.info.sound else []

    def add(self, frame: FilmFrame) -> None:
        """Writes a frame behind the others. Raises `OutputError`."""
        self._count += 1
        picture = read(frame.pixels, self._sizes)
        write(Picture(picture.pixels), self._folder / f"{self._count:06}.png", self._files, self._record)

    def finish(self) -> None:
        """Nothing is left to do."""

    def abandon(self) -> None:
        """Nothing is left to do."""


@contextmanager
def replacing_folder(path: Path, name: str) -> Iterator[Path]:
    """A new folder beside `path`, called `name`, which then takes its place, with all that is in it.

    Whatever happens on the way, an older folder of frames stays whole. Raises `OutputError`, one line, also for a
    folder that holds anything but such frames: it would be lost.
    """
    fresh, old = path.parent / name, path.parent / f"{name}.old"
    try:
        _bring_back(old, path)  # where a process was killed between the two last moves
        if path.exists() and (other := next((file for file in path.iterdir() if not _NAME.fullmatch(file.name)), None)):
            raise OutputError(f"{str(path)!r} holds {other.name!r}, and would be written anew. Choose a new folder.")
        shutil.rmtree(fresh, ignore_errors=True)  # what a killed process left behind
        fresh.mkdir()
        try:
            yield fresh
            if path.exists():
                shutil.rmtree(old, ignore_errors=True)
                path.replace(old)
            fresh.replace(path)
            shutil.rmtree(old, ignore_errors=True)
        except BaseException:  # a Ctrl-C too
            _bring_back(old, path)
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error


def _bring_back(old: Path, path: Path) -> None:
    """Gives an older folder its name again, where nothing has taken its place."""
    if old.exists() and not path.exists():
        old.replace(path)
