"""What all tests share: small pictures, one thread, the same chance each time."""

import signal
from collections.abc import Iterator, Mapping

import pytest
import torch
from PIL import Image
from skimage import data

from drawn import STYLES

torch.set_num_threads(1)  # the tests themselves run side by side
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell puts into the background is deaf to Ctrl-C


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    torch.manual_seed(0)


@pytest.fixture
def float64_by_default() -> Iterator[None]:
    """As a caller may have chosen it for numbers of his own."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="session")
def photo() -> Image.Image:
    """A face, 96x80, RGB."""
    return Image.fromarray(data.astronaut()).crop((100, 0, 340, 200)).resize((96, 80), Image.Resampling.LANCZOS)


@pytest.fixture(scope="session")
def styles() -> Mapping[str, Image.Image]:
    """`brush_strokes`, `mosaic`, `woodcut` and `ink_wash`, each 80x96, RGB."""
    return {name: draw(width=80, height=96) for name, draw in STYLES.items()}
