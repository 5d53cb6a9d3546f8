"""Styles that are numbers in a file, not pictures: those that come with impasto, by name, lie in this folder."""

import os.path
from collections.abc import Iterable
from pathlib import Path

from impasto.errors import SettingsError, did_you_mean

SUFFIX = ".style"


def shipped() -> dict[str, Path]:
    """The styles that come with impasto: their files by name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob(f"*{SUFFIX}"))}


def file_of(word: object) -> Path | None:
    """The file that `word` means: one of its own that ends so, or the one of a name where no file is called that.

    None where `word` is neither: it means a picture then. Raises `SettingsError` for a word that is no file and has no
    ending, but is no name either.
    """
    if not isinstance(word, str | Path):
        return None
    path = Path(word)
    if path.suffix.lower() == SUFFIX:
        return path
    if os.path.exists(path) or path.suffix:  # unlike that of a Path, it is no error where a name is too long
        return None
    if known := shipped().get(str(word)):
        return known
    raise SettingsError(
        f"{str(word)!r} is neither a file nor a style that comes with impasto: impasto styles lists those."
        f"{did_you_mean(str(word), shipped())}"
    )


def check_pictures(styles: Iterable[object], who: str, remedy: str = "Give the picture.") -> None:
    """Raises `SettingsError` for a style that is known by numbers alone: `who` needs a picture of it."""
    for style in styles:
        if is_style(style):
            raise SettingsError(f"{str(style)!r} is a style in numbers, and {who} needs a picture of it. {remedy}")


def is_style(word: object) -> bool:
    """Whether it means a style in numbers, by its name or its ending."""
    try:
        return file_of(word) is not None
    except SettingsError:  # neither a file nor a name: who reads it as a picture says so
        return False
