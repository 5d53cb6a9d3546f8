"""`--like`: the settings that an earlier picture or film keeps."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from impasto.errors import SettingsError
from impasto.settings import COVERED, StylizeSettings
from impasto.settings.look import STARTS

_OF_THE_PICTURE = {"mask": ("auto",), "style_mask": (), "protect": ("faces",), "init": STARTS}
"""Settings that name what belongs to a picture, each with the words that mean something to any picture."""

_OF_THE_FILM = {"start", "end", "fps", "style_at"}
"""Settings that mean something to one film only."""


def recorded(
    like: Path | None, asked: Mapping[str, Any], model: type[StylizeSettings]
) -> tuple[dict[str, Any], list[str]]:
    """The settings of `model` kept in the picture or film `like`, as far as they count beside those `asked` for, and
    what to say of them; none without a `like`.

    Raises `SettingsError` for a file that keeps none, or one that is impossible for `model`.
    """
    if like is None:
        return {}, []
    from impasto.video.record import record_of

    try:
        settings = from_json(record_of(like) or "")
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        raise SettingsError(f"{str(like)!r} holds no settings. Give --like a picture or a film that impasto made.")
    belonging = [name for name, words in _OF_THE_PICTURE.items() if settings.get(name) and settings[name] not in words]
    # A device is no part of the look, and perhaps not on this machine; a preset that is asked for counts for more than
    # what a record says of the same settings.
    unknown = {name for name in settings if name not in model.model_fields or name in model.hidden}
    covered = COVERED if "preset" in asked else ()
    dropped = {"device", *unknown, *_unasked(settings), *_OF_THE_FILM, *belonging, *covered}
    kept = {name: value for name, value in settings.items() if name not in dropped}
    left = [f"--{name.replace('_', '-')}" for name in belonging if name not in asked]
    notes = [f"{', '.join(left)} of {like} was left out: it belongs to other pictures"] if left else []
    with blaming(like, kept, asked):
        model.checked({**kept, **asked})
    return kept, notes


def _unasked(settings: Mapping[str, Any]) -> set[str]:
    """What nobody asked for: a search keeps faces by itself, and neither one pass nor a film does."""
    searched = settings.get("method") == "iterative" and "fps" not in settings
    return {"protect"} if settings.get("protect") == ("faces" if searched else "") else set()


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
