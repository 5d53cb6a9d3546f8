"""Go on with a training run that was broken off."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from impasto.engine import checkpoint
from impasto.errors import CheckpointError, SettingsError
from impasto.settings.base import Settings
from impasto.training.crops import Crops

SAVE_EVERY = 120.0
"""Seconds between two checkpoints."""


def described(settings: Settings, *crops: Crops) -> str:
    """All that a run depends on."""
    pictures = [str(path) for each in crops for paths in each.folders for path in paths]
    return f"{settings!r} {sha256(repr(pictures).encode()).hexdigest()}"


def resume(path: Path, run: str, what: str, take: Callable[[Mapping[str, Any]], None]) -> None:
    """Has `take` take up the state in a checkpoint of `what`, which says under "run" what `described` did.

    Raises `SettingsError` for one of another run, `CheckpointError` for one that is damaged, or of no training.
    """
    state = checkpoint.read(path)
    try:
        if state["run"] != run:
            raise SettingsError(
                f"{path} was begun with other settings ({state['run'].rpartition(' ')[0]}) or other pictures. "
                "Give these, or delete it to begin anew."
            )
        take(state)
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path} is no checkpoint of a {what}. Delete it to begin anew.") from error
