"""What the tests of this folder share."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes bytes to a file, whose name says JPEG unless told otherwise, and gives its path."""

    def write(data: bytes, name: str = "photo.jpg") -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write
