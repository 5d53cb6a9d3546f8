"""`--like`: the settings that an earlier picture keeps."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from impasto.errors import SettingsError
from impasto.settings import COVERED

_FOUND = {"mask": "auto", "style_mask": None, "protect": "faces"}
"""Settings that name what was drawn over a picture, each with the word that means something to any picture."""


def recorded(like: Path, asked: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The settings kept in the picture `like`, as far as they count beside those `asked` for, and what to say of them.

    Raises `SettingsError` for a picture that keeps none.
    """
    from impasto.images import read_record

    try:
        settings = from_json(read_record(like) or "")
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        raise SettingsError(f"{str(like)!r} holds no settings. Give --like a picture that impasto made.")
    drawn = [name for name, word in _FOUND.items() if settings.get(name) and settings[name] != word]
    # A device is no part of the look, and perhaps not on this machine; a preset that is asked for counts for more than
    # what a record says of the same settings.
    dropped = {"device", *drawn, *(COVERED if "preset" in asked else ())}
    kept = {name: value for name, value in settings.items() if name not in dropped}
    left = [f"--{name.replace('_', '-')}" for name in drawn if name not in asked]
    notes = [f"{', '.join(left)} of {like} was left out: it was drawn over another photo"] if left else []
    return kept, notes


@contextmanager
def blaming(like: Path | None, brought: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[None]:
    """Adds to the error about a setting that nobody asked for that `like` brought it."""
    try:
        yield
    except SettingsError as error:
        name = str(error).partition(":")[0].replace("-", "_")
        if name in brought and name not in asked:
            raise SettingsError(f"{error} It came with --like {like}.") from error
        raise
