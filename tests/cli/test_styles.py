"""`impasto styles` and `impasto style save`."""

import json
from pathlib import Path

import pytest
from PIL import Image

from impasto.styles import shipped

from .conftest import Impasto


def test_they_are_listed_with_what_they_are_of(impasto: Impasto) -> None:
    ended = impasto("styles")
    assert ended.code == 0
    assert all(name in ended.out for name in shipped())
    assert "Vincent van Gogh, The Starry Night, 1889" in ended.out
    listed = json.loads(impasto("styles", "--json").out)
    assert [each["name"] for each in listed] == [*shipped()]


def test_a_sheet_shows_a_photo_in_all_of_them(impasto: Impasto, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = dict([*shipped().items()][:7])
    monkeypatch.setattr("impasto.jobs.style_sheet.shipped", lambda: few)
    ended = impasto("styles", "photo.png", "-o", "sheet.png")
    assert ended.code == 0, ended.err
    with Image.open(folder / "sheet.png") as sheet:
        assert sheet.width > 6 * 200
        assert sheet.height > 2 * 200


def test_a_style_is_saved_and_painted(impasto: Impasto, folder: Path) -> None:
    ended = impasto("style", "save", "style.png", "-o", "own.style", "--about", "me, mine")
    assert ended.code == 0, ended.err
    assert ended.err.startswith("own.style: ")
    assert (folder / "own.style").stat().st_size < 200_000
    for word in ("own.style", "starry-night"):
        ended = impasto("stylize", "photo.png", word, "-o", "out.png", "--preset", "fast", "--size", "128")
        assert ended.code == 0, ended.err
        assert "painted in one pass" in ended.err


def test_what_cannot_be_is_said_in_a_line(impasto: Impasto) -> None:
    for words, told in {
        ("styles", "photo.png"): "a sheet needs a photo and a file",
        ("styles", "photo.png", "-o", "photo.png"): "photo.png",
        ("style", "save", "photo.png", "-o", "a.png"): ".style",
        ("style", "save", "none.png", "-o", "a.style"): "there is no such file",
        ("stylize", "photo.png", "none.style", "-o", "a.png", "--preset", "fast"): "there is no style",
        ("stylize", "photo.png", "starry-night", "-o", "a.png"): "Use --preset fast",
        (
            "stylize",
            "starry-night",
            "photo.png",
            "-o",
            "a.png",
            "--preset",
            "fast",
        ): "photo comes first, then the styles",
        ("stylize", "own.style", "photo.png", "-o", "a.png", "--preset", "fast"): "photo comes first, then the styles",
        ("style", "save", "starry-night", "-o", "a.style"): "'starry-night': this is a style in numbers, not a picture",
        ("sweep", "photo.png", "kiss", "-o", "a.png", "--strength", "0.1,0.2"): "a sheet with scores needs a picture",
        ("compare", "photo.png", "--content", "photo.png", "--style", "kiss"): "a score needs a picture of it",
    }.items():
        ended = impasto(*words)
        assert ended.code == 2, words
        assert told in ended.err
        assert len(ended.err.splitlines()) == 1
