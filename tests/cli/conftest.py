"""What the tests of the command share: a folder with two small pictures, and the command run in this process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from impasto.cli import app, main

TINY = ("--size", "32", "--iterations", "2", "--quiet")
"""A run of a second."""


@dataclass(frozen=True)
class Ended:
    """What is left of a command that has ended."""

    code: int
    out: str
    err: str


Impasto = Callable[..., Ended]


@pytest.fixture
def folder(
    tmp_path: Path, photo: Image.Image, styles: Mapping[str, Image.Image], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The working folder: `photo.png` and `style.png`, of 48x40 and 40x48 pixels, lie in it."""
    photo.resize((48, 40)).save(tmp_path / "photo.png")
    styles["mosaic"].resize((40, 48)).save(tmp_path / "style.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def impasto(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Impasto:
    """`impasto("stylize", ...)` runs the command in this process, in `folder`."""

    def run(*words: object) -> Ended:
        monkeypatch.setattr(app, "console", Console())  # as wide as COLUMNS says now, not at the first call
        code = main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return run
