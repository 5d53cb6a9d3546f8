"""Frames that are done, kept beside the film until it is whole, so that nothing is painted twice."""

import json
import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pyvips

from impasto.errors import CheckpointError
from impasto.images.atomic import refusal, replacing_path
from impasto.motion import Frame
from impasto.motion.opencv import opencv

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_ABOUT = "about.json"
_FRESH = "about.json.new"
"""What a process that was killed at its very beginning may leave behind."""
_FORMAT = 1
_NAME = re.compile(r"(\d{6,})-([0-9a-f]{8})-([0-9a-f]{8})\.(png|state)")
NEWEST = 3
"""States at the end that are kept,"""
STATES_EVERY = 64
"""as is the first of every 64 frames: should the disk lose a frame, not all that came after it is lost."""

_NO_STATE = 1
"""Stands for the bytes of a state that does not exist: no file is found under it."""

Sums = tuple[int, int]
"""CRC-32 of the bytes of a frame, and of those of its state; that of no bytes is 0."""


class Journal:
    """A folder of frames as PNG, each with the state from which a painter goes on behind it.

    The name of a file says what the bytes of the frame and of its state add up to. So a frame is whole or does not
    count, whatever happened while it was written, and nothing else has to be kept in step. Nothing waits for the disk:
    a killed process costs no frame that was added, a power cut those of the last seconds.
    """

    def __init__(self, folder: str | Path, about: Mapping[str, Any]) -> None:
        """Opens the folder, or makes it. `about` tells film and settings: names, with whatever goes into JSON.

        All that is there is read once, and what is not whole is deleted. Raises `CheckpointError` for a journal of
        another film or other settings, or a folder of other things, `OutputError` where it cannot be written.
        """
        self.folder = Path(folder)
        try:
            self.folder.mkdir(exist_ok=True)
            self._begin({"impasto journal": _FORMAT, **about})
            self._sums: list[Sums] = []
            self._states: deque[int] = deque()
            """The numbers of frames whose states are new."""
            self._kept = -1
            """Of the last state that is kept for good: which of the stretches of `STATES_EVERY` frames it is in."""
            self._find()
            kept = {self._path(number, kind) for number in range(self.done) for kind in ("png", "state")}
            for path in _files(self.folder):
                if path not in kept:
                    path.unlink()
        except OSError as error:
            raise refusal(self.folder, error) from error

    @property
    def done(self) -> int:
        """How many frames are there: numbers 0 to `done` - 1, with the state from which to go on."""
        return len(self._sums)

    def add(self, number: int, frame: Frame, state: bytes | None = b"") -> None:
        """Keeps the next frame (H, W, 3), bit by bit, and the state behind it. `number` is `done`, to make sure of it.

        Behind a frame without a state, None, nobody goes on: it counts once there is one after it. States of frames
        long gone are deleted. Raises `OutputError` where the disk cannot hold it; it does not count then.
        """
        if number != self.done:
            raise ValueError(f"frame {number} after {self.done} frames")
        picture = _packed(frame)
        self._sums.append((crc32(picture), _NO_STATE if state is None else crc32(state)))
        try:
            if state:
                self._path(number, "state").write_bytes(state)
            self._path(number, "png").write_bytes(picture)  # last: a frame that is there has its state
        except BaseException as error:
            self._forget(number)
            if isinstance(error, OSError):
                raise refusal(self.folder, error) from error
            raise
        if state is not None:
            self._thin_out(number)

    def _thin_out(self, number: int) -> None:
        """Deletes the state that the one behind this frame makes too many."""
        self._states.append(number)
        if len(self._states) > NEWEST:
            old = self._states.popleft()
            if old // STATES_EVERY == self._kept:
                self._path(old, "state").unlink(missing_ok=True)
            else:
                self._kept = old // STATES_EVERY

    def frame(self, number: int) -> Frame:
        """A frame that was added (H, W, 3). Raises `CheckpointError` where it was damaged since."""
        return frame_at(self.path(number))

    def path(self, number: int) -> Path:
        """Where a frame lies that was added."""
        return self._path(number, "png")

    def state(self, number: int) -> bytes:
        """The state behind a frame. Raises `CheckpointError` where it is not kept any more."""
        return _whole(self._path(number, "state")) if self._sums[number][1] else b""

    def remove(self) -> None:
        """Deletes the journal: the film is whole."""
        remove(self.folder)

    def _begin(self, about: Mapping[str, Any]) -> None:
        told = json.loads(json.dumps(about))
        path = self.folder / _ABOUT
        if not path.exists():
            if any(each.name != _FRESH for each in self.folder.iterdir()):
                raise CheckpointError(
                    f"{self.folder} holds other things than finished frames. Rename it, or choose another output."
                )
            with replacing_path(path, _FRESH) as fresh:
                fresh.write_text(json.dumps(told, indent=1, sort_keys=True), encoding="utf-8")
            return
        try:
            known = dict(json.loads(path.read_bytes()))
        except (ValueError, TypeError, RecursionError) as error:
            raise CheckpointError(f"{path} cannot be read. Delete {self.folder} to begin anew.") from error
        for name in sorted({*told, *known}):
            if told.get(name) != known.get(name):
                raise CheckpointError(
                    f"{self.folder} was begun with {name} {_short(known.get(name))}, not {_short(told.get(name))}. "
                    "Go on with the same film and settings, or delete it to begin anew."
                )

    def _find(self) -> None:
        """Counts what can be gone on from: whole frames without a gap, of which the last has its state."""
        whole: dict[int, Sums] = {}
        for path in _files(self.folder):
            number, frame, state = path.stem.split("-")
            if path.suffix == ".png" and crc32(path.read_bytes()) == int(frame, 16):
                whole[int(number)] = int(frame, 16), int(state, 16)
        while sums := whole.get(self.done):
            self._sums.append(sums)
        while self._sums and not self._has_state(self.done - 1):
            self._sums.pop()

    def _has_state(self, number: int) -> bool:
        try:
            self.state(number)
        except CheckpointError:
            return False
        return True

    def _path(self, number: int, kind: str) -> Path:
        frame, state = self._sums[number]
        return self.folder / f"{number:06}-{frame:08x}-{state:08x}.{kind}"

    def _forget(self, number: int) -> None:
        for kind in ("png", "state"):
            with suppress(OSError):
                self._path(number, kind).unlink(missing_ok=True)
        self._sums.pop()


def begun(folder: Path) -> bool:
    """Whether there is a journal in a folder: what else is there is none of ours."""
    return (folder / _ABOUT).exists()


def remove(folder: Path) -> None:
    """Deletes the journal in a folder, the last frame first: whoever is killed meanwhile leaves one to go on from."""
    for path in sorted(_files(folder), reverse=True):
        path.unlink(missing_ok=True)
    (folder / _ABOUT).unlink(missing_ok=True)
    with suppress(OSError):  # someone else has put something into it
        folder.rmdir()


def frame_at(path: Path) -> Frame:
    """The frame (H, W, 3) that a journal keeps at `path`. Raises `CheckpointError` where it was damaged since."""
    return np.asarray(pyvips.Image.new_from_buffer(_whole(path), "", access="sequential").numpy(), np.uint8)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]


def _whole(path: Path) -> bytes:
    """What is in a file of a journal. Raises `CheckpointError` where that is not what its name says."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read ({error.strerror}). Start again to go on before it.") from error
    _, frame, state = path.stem.split("-")
    if crc32(data) != int(state if path.suffix == ".state" else frame, 16):
        raise CheckpointError(f"{path} was damaged. Start again to go on before it.")
    return data


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Makes the folder of a journal; within the context no other run works on it, where the system has such locks.

    A process that dies leaves nothing locked. Raises `CheckpointError` where another run is at work there,
    `OutputError` where the folder cannot be made.
    """
    try:
        folder.mkdir(exist_ok=True)
        handle = os.open(folder, os.O_RDONLY) if fcntl else None
    except OSError as error:
        raise refusal(folder, error) from error
    try:
        if handle is not None:
            _lock(handle, folder)
        try:
            yield
        finally:
            with suppress(OSError):  # as it should be, where there is something in it
                folder.rmdir()
    finally:
        if handle is not None:
            os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    assert fcntl
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CheckpointError(
            f"another run is at work on {str(folder)!r}. Wait for it or stop it, or choose another output."
        ) from error
    except OSError:
        pass  # a file system without locks


def _packed(frame: Frame) -> bytes:
    """The frame as a PNG, which the settings make half as long as it is, as quickly as can be."""
    cv2 = opencv()
    quick = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY]
    _, data = cv2.imencode(".png", cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2BGR), quick)
    return bytes(data)


def _short(value: object) -> str:
    words = json.dumps(value)
    return words if len(words) <= 60 else f"{words[:57]}..."
