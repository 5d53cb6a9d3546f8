"""The drawn style pictures: the same for the same seed, alike at every size, and each what it says it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn import STYLES

every_style = pytest.mark.parametrize("name", STYLES)


@every_style
def test_same_seed_same_bytes(name: str) -> None:
    draw = STYLES[name]
    assert draw(60, 48, seed=3).tobytes() == draw(60, 48, seed=3).tobytes() != draw(60, 48, seed=4).tobytes()


@every_style
@settings(max_examples=10, deadline=None)
@given(width=st.integers(8, 70), height=st.integers(8, 70), seed=st.integers(0, 2**32))
def test_any_size(name: str, width: int, height: int, seed: int) -> None:
    image = STYLES[name](width, height, seed)
    assert (image.mode, image.size) == ("RGB", (width, height))


@every_style
def test_the_same_scene_at_every_size(name: str) -> None:
    small, large = (scene(STYLES[name](side, side)) for side in (96, 160))
    assert np.corrcoef(small, large)[0, 1] > 0.9


def scene(image: Image.Image) -> np.ndarray:
    """The picture without its details: 12x12 pixels in a row."""
    return np.asarray(image.resize((12, 12), Image.Resampling.BOX), dtype=float).ravel()


@pytest.mark.parametrize("name", ["brush_strokes", "mosaic"])
def test_paint_and_glass_have_colors_all_around_the_wheel(name: str) -> None:
    hue, saturation, _ = (np.asarray(band) for band in STYLES[name](128, 128).convert("HSV").split())
    counts, _ = np.histogram(hue[saturation > 80], bins=8, range=(0, 256))
    assert (counts > 0.003 * hue.size).sum() >= 6


@pytest.mark.parametrize("name", ["woodcut", "ink_wash"])
def test_ink_has_no_color_beyond_that_of_the_paper(name: str) -> None:
    pixels = np.asarray(STYLES[name](128, 128), dtype=int)
    assert (pixels.max(axis=2) - pixels.min(axis=2)).max() < 60


def test_a_woodcut_is_black_or_paper_and_little_between() -> None:
    light = np.asarray(STYLES["woodcut"](256, 256).convert("L"))
    assert (light < 70).mean() > 0.25
    assert (light > 190).mean() > 0.35
    assert ((light >= 70) & (light <= 190)).mean() < 0.35


def test_an_ink_wash_has_every_gray() -> None:
    light = np.asarray(STYLES["ink_wash"](256, 256).convert("L"))
    counts, _ = np.histogram(light, bins=12, range=(20, 240))
    assert (counts > 0.004 * light.size).all()
