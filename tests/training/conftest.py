"""Two folders of small pictures to train on."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image


def cut_short(path: Path) -> None:
    """Leaves of a picture its header and some of its pixels."""
    path.write_bytes(path.read_bytes()[:1500])


@pytest.fixture
def folders(tmp_path: Path, photo: Image.Image, styles: Mapping[str, Image.Image]) -> list[Path]:
    """`photos`, with three pictures, and `paintings`, with four."""
    kinds = {
        "photos": [photo, photo.rotate(90), photo.convert("L")],
        "paintings": [*styles.values()],
    }
    for name, pictures in kinds.items():
        (tmp_path / name).mkdir()
        for number, picture in enumerate(pictures):
            picture.save(tmp_path / name / f"{number}.png")
    return [tmp_path / name for name in kinds]
