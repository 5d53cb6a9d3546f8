import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from impasto.images import packing
from impasto.images.packing import packed
from impasto.images.resize import fit, resize, resized_packed, same_area, scaled

side = st.integers(1, 20_000)


@pytest.mark.parametrize(
    ("shape", "longest", "expected"),
    [
        ((3000, 4000), 512, (384, 512)),
        ((4000, 3000), 512, (512, 384)),
        ((1, 4000), 512, (1, 512)),
        ((7, 7), 20, (20, 20)),
    ],
)
def test_fit(shape, longest, expected):
    assert fit(*shape, longest) == expected


@given(side, side, st.integers(1, 20_000))
def test_fit_gives_exactly_the_longer_side_and_rounds_the_other(height, width, longest):
    long, short = max(height, width), min(height, width)
    got = fit(height, width, longest)
    assert max(got) == longest
    assert min(got) == max(1, round(longest * (short / long))) or abs(longest * short / long % 1 - 0.5) < 1e-9
    assert (got[0] >= got[1]) == (height >= width) or got[0] == got[1]


def test_same_area():
    assert same_area(100, 400, 200) == (100, 400)
    assert same_area(300, 300, 512.0) == (512, 512)
    height, width = same_area(1000, 1500, 512)
    assert height * width == pytest.approx(512**2, rel=2e-3)
    assert width / height == pytest.approx(1.5, rel=2e-3)


def test_scaled():
    assert scaled(torch.Size([384, 512]), 0.25) == (96, 128)
    assert scaled((3, 512), 0.1) == (1, 51)


def test_the_same_size_is_the_same_tensor():
    pixels = torch.rand(1, 3, 9, 7)
    assert resize(pixels, (9, 7)) is pixels


@pytest.mark.parametrize("shape", [(20, 31), (64, 48), (100, 90)])
def test_resize_agrees_with_pil(shape):
    gray = np.random.default_rng(0).random((64, 48), dtype=np.float32)
    ours = resize(torch.from_numpy(gray)[None, None], shape)[0, 0].numpy()
    theirs = np.asarray(Image.fromarray(gray).resize(shape[::-1], Image.Resampling.BICUBIC)).clip(0, 1)
    inner = (slice(3, -3), slice(3, -3))  # at the border, PIL's kernel has another parameter
    assert np.abs(ours - theirs)[inner].max() < (0.05 if shape > (64, 48) else 2e-3)


def test_resize_stays_in_bounds_and_keeps_a_flat_picture_flat():
    steps = (torch.rand(1, 3, 40, 40) > 0.5).float()
    large = resize(steps, (83, 61))
    assert large.min() == 0
    assert large.max() == 1
    assert torch.allclose(resize(torch.full((1, 3, 40, 40), 0.3), (13, 90)), torch.tensor(0.3), atol=1e-6)


@pytest.mark.parametrize("most", [1000, 1_000_000])
@pytest.mark.parametrize("shape", [(40, 56), (17, 23), (80, 61)])
def test_a_channel_at_a_time_is_the_same(shape, most, monkeypatch):
    monkeypatch.setattr(packing, "_LARGE", most)
    pixels = torch.rand(1, 3, 40, 56, generator=torch.Generator().manual_seed(0))
    for waiting in (pixels, packed(pixels)):
        assert torch.equal(resized_packed(waiting, shape), packed(resize(waiting, shape)))
