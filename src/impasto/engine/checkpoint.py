"""What a long run needs to go on where it was broken off."""

import logging
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from torch import Tensor

from impasto.errors import CheckpointError, OutputError
from impasto.images.atomic import replacing
from impasto.networks.weights import unpacked_size

Tell = Callable[[str], object]

_log = logging.getLogger(__name__)
_PROCESSOR = torch.device("cpu")


class Checkpoint:
    """A file to go on from, written now and then by the run that it belongs to.

    The more a write costs, the rarer it is: all of them together never take more than a twentieth of the run. One that
    fails does not end the run: `tell` is told why, and it is tried again when it is time.
    """

    def __init__(self, path: Path, seconds: float = 30.0, tell: Tell = _log.warning) -> None:
        self.path = path
        self._seconds = seconds
        self._tell = tell
        self._next = monotonic() + seconds

    def keep(self, state: Callable[[], Mapping[str, Any]]) -> None:
        """Writes what `state` gives, if it is time again."""
        if monotonic() >= self._next:
            self.write(state)

    def write(self, state: Callable[[], Mapping[str, Any]]) -> None:
        """Writes what `state` gives, now."""
        began = monotonic()
        try:
            save(self.path, state())
        except OutputError as error:
            self._tell(f"a checkpoint was not written: {error}")
        self._next = monotonic() + max(self._seconds, 19 * (monotonic() - began))

    def found(self, run: str, device: torch.device) -> dict[str, Any] | None:
        """What was written last by the run of that name, on this device; None where there is no file.

        Raises `CheckpointError` for a file that is damaged, or of another run.
        """
        if not self.path.exists():
            return None
        state = read(self.path, device)
        if state.get("run") != run:
            raise CheckpointError(
                f"{self.path} was begun with other settings or other pictures, or on another device, or by another "
                "version of impasto. Give these, or delete it to begin anew."
            )
        return state


def save(path: Path, state: Mapping[str, Any]) -> None:
    """Writes the state whole or not at all. Raises `OutputError`."""
    with replacing(path) as file:
        try:
            torch.save(dict(state), file)
        except RuntimeError as error:  # which is all that torch says of a disk that is full
            if not isinstance(reason := error.__context__, OSError):
                raise
            raise OSError(reason.errno, reason.strerror) from error


def read(path: Path, device: torch.device = _PROCESSOR) -> dict[str, Any]:
    """The state that `save` wrote, on whatever device, on this one.

    Nothing in it is ever executed. Raises `CheckpointError` where it cannot be read, or is damaged.
    """
    try:
        unpacked = unpacked_size(path)
        if unpacked and unpacked > path.stat().st_size:  # `save` packs nothing
            raise ValueError("packed")
        return dict(torch.load(path, map_location=device, weights_only=True))
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read ({error.strerror or error}). Check its permissions.") from error
    except Exception as error:  # damaged bytes can make a parser raise anything
        raise CheckpointError(f"{path} cannot be read ({type(error).__name__}). Delete it to begin anew.") from error


def digest(words: str, *pictures: Tensor | None) -> str:
    """A name for a run: another one for other words, or for pictures with other pixels."""
    seen = sha256(words.encode())
    for picture in pictures:
        numbers = torch.empty(0) if picture is None else picture.detach().cpu().contiguous()
        seen.update(f"|{tuple(numbers.shape)}|".encode())
        seen.update(numbers.flatten().view(torch.uint8).numpy().data)
    return seen.hexdigest()
