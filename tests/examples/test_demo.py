"""The demo, in small."""

from pathlib import Path

import pytest
from PIL import Image

from demo import demo


def test_demo_writes_the_picture_and_the_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture, beside = demo(tmp_path, size=64, iterations=3, device="cpu")
    assert (picture, beside) == (tmp_path / "demo.png", tmp_path / "demo-sheet.png")
    assert Image.open(picture).size == (64, 43)  # the photo is 451x300
    width, height = Image.open(beside).size
    assert width > 2.5 * height
    assert "step 3/3" in capsys.readouterr().out
