"""The journals of shots that are painted side by side: a folder of folders, one for each shot."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from impasto.video.journal import Journal, remove

_NAME = re.compile(r"shot-(\d{6,})")


def folder_of(folder: Path, first: int) -> Path:
    """Where the journal of the shot is that begins with frame number `first`."""
    return folder / f"shot-{first:06}"


class ShotJournals:
    """What is done of a film, shot by shot."""

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        """Opens the folder, or makes it. `about` and errors are those of a `Journal`."""
        self._whole = Journal(folder, about)  # which keeps no frames here, but knows what they belong to

    @property
    def done(self) -> int:
        """How many frames are there from the first one on, none missing."""
        count = 0
        for first, path in sorted(self._found().items()):
            if first == count:
                numbers = {int(frame.name.partition("-")[0]) for frame in path.glob("*.png")}
                count += next(place for place in range(len(numbers) + 1) if place not in numbers)
        return count

    def remove(self) -> None:
        """Deletes all, the last shot first: the film is whole."""
        for _, path in sorted(self._found().items(), reverse=True):
            remove(path)
        self._whole.remove()

    def _found(self) -> dict[int, Path]:
        """The folders, by the numbers of the frames that their shots begin with."""
        named = [(_NAME.fullmatch(path.name), path) for path in self._whole.folder.iterdir() if path.is_dir()]
        return {int(name[1]): path for name, path in named if name}
