"""The pictures of the manual, in small."""

from pathlib import Path

import pytest
from PIL import Image

import gallery
from impasto.styles import shipped

DOCS = Path(__file__).parents[2] / "docs"


def test_each_sheet_shows_what_its_captions_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def painted(photo: Image.Image, *styles: object, **settings: object) -> Image.Image:
        asked.append((styles, settings))
        return photo

    monkeypatch.setattr(gallery, "painted", painted)
    paths = [*gallery.gallery(tmp_path)]
    assert [path.stem for path in paths] == [*gallery.SHEETS]
    assert all(min(Image.open(path).size) > gallery.HEIGHT for path in paths)
    assert {settings["strength"] for _, settings in asked if "strength" in settings} == {0.2, 0.4, 0.6, 0.65, 0.8}
    assert {style for styles, _ in asked for style in styles if isinstance(style, str)} <= {*shipped()}


def test_a_picture_is_painted_in_its_size() -> None:
    assert gallery.painted(gallery.CAT, "scream", preset="fast").size == (448, 298)


def test_the_manual_has_every_sheet() -> None:
    shown = "".join(page.read_text() for page in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"])
    for name in gallery.SHEETS:
        assert (DOCS / "images" / f"{name}.jpg").exists()
        assert f"images/{name}.jpg" in shown
