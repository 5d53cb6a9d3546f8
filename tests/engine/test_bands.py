import math

import pytest
import torch

from impasto.engine.solvers.bands import Bands, QuickBands, _bands


def wave(waves: int, side: int = 64) -> torch.Tensor:
    """(1, 3, side, side) with so many waves from left to right."""
    along = torch.cos(2 * math.pi * waves * torch.arange(side) / side)
    return along.expand(1, 3, side, side).contiguous()


def test_each_wave_gets_the_move_that_levelled_it():
    """A bowl that curves 1 along broad waves and 100 along fine ones: the moves that level it are 1 and 1/100."""
    broad, fine = wave(2), wave(29)
    bands = Bands(broad)
    moved, turned = broad + fine, broad + 100 * fine
    bands.learn(moved, turned, (moved * turned).sum())
    torch.testing.assert_close(bands.stretch(broad + 100 * fine), broad + fine, atol=1e-4, rtol=0)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (3, 2), (48, 33), (5, 40)])
def test_the_energy_is_the_product_of_the_last_turn_with_itself_stretched(size):
    draw = torch.Generator().manual_seed(1)
    bands = Bands(torch.zeros(1, 3, *size))
    for _ in range(2):
        moved = torch.randn(1, 3, *size, generator=draw)
        turned = moved + 0.3 * torch.randn(1, 3, *size, generator=draw)
        bands.learn(moved, turned, (moved * turned).sum())
    torch.testing.assert_close(bands.energy, (turned * bands.stretch(turned.clone())).sum())


def test_later_moves_count_more():
    bands = Bands(wave(2))
    for curve in (4.0, *[1.0] * 40):
        bands.learn(wave(2), curve * wave(2), curve * wave(2).square().sum())
    torch.testing.assert_close(bands.stretch(wave(2)), wave(2), atol=0.02, rtol=0)


def test_no_band_is_a_thousand_times_more_careful_than_another():
    bands = Bands(wave(2))
    moved, turned = wave(2) + 1e-6 * wave(29), wave(2) + wave(29)
    bands.learn(moved, turned, (moved * turned).sum())
    torch.testing.assert_close(bands.stretch(wave(29)), 1e-3 * wave(29), atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (3, 2), (64, 48), (5, 400)])
def test_every_frequency_of_any_picture_has_a_band(size):
    band = _bands(*size)
    assert band.shape == (size[0], size[1] // 2 + 1)
    assert band[0, 0] == 0
    assert 0 <= band.min() <= band.max() <= 11


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (48, 33), (5, 40)])
def test_quick_bands_learn_what_others_do(size):
    draw = torch.Generator().manual_seed(2)
    picture = torch.randn(1, 3, *size, generator=draw)
    plain, quick = Bands(picture), QuickBands(picture)
    for number in range(3):
        moved = torch.randn(1, 3, *size, generator=draw)
        turned = moved + 0.3 * torch.randn(1, 3, *size, generator=draw)
        curvature, counts = (moved * turned).sum(), torch.tensor(number != 1)
        quick.learn(moved, turned, curvature, counts)
        if counts:
            plain.learn(moved, turned, curvature)
    torch.testing.assert_close(quick.state, plain.state)
    torch.testing.assert_close(quick.energy, plain.energy)
    torch.testing.assert_close(quick.stretch(picture), plain.stretch(picture.clone()))
    again = QuickBands(picture)
    again.restore(quick.state)
    assert torch.equal(again.stretch(picture), quick.stretch(picture))
