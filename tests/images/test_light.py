"""How broadly light varies, and pictures that are evened out."""

import math

import numpy as np
import pytest
import torch
from images.pictures import lit

from impasto.images import light, strips
from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.images.light import enlarged, evened, left_of, light_of
from impasto.images.packing import packed, unpacked

SIDE = 200


def lightness(picture):
    return srgb_to_oklab(unpacked(picture))[0, 0].double()


def ramp(picture):
    """Its height, by what is between the ends."""
    columns = lightness(picture).mean(0)[20:-20]
    return float(np.polyfit(np.arange(len(columns)), columns.numpy(), 1)[0]) * (picture.shape[3] - 1)


def checks(picture):
    """The height of the checkerboard: a column has as many light squares as dark ones."""
    found = lightness(picture)
    return float((found - found.mean(0)).std() * 2)


def test_broad_is_what_varies_between_squares_of_a_twentieth():
    """Twenty columns of ten pixels, each a flat gray, under a checkerboard of squares of two."""
    steps = 0.2 + 0.6 * torch.rand(20, dtype=torch.float64)
    squares = (torch.arange(SIDE)[:, None] // 2 + torch.arange(SIDE) // 2) % 2
    lab = torch.zeros(1, 3, SIDE, SIDE, dtype=torch.float64)
    lab[:, 0] = steps.repeat_interleave(10)[None] + 0.1 * (squares - 0.5)
    cells, breadth = light_of(oklab_to_srgb(lab))
    assert cells.shape == (1, 1, 20, 20)
    # In ten pixels there are five squares, of which three are light or dark: a tenth of the height more or less.
    assert (cells[0, 0] - steps).abs().max() < 0.0101 / 5
    assert breadth == pytest.approx(float(steps.var(correction=0)) / 0.0025, rel=0.02)


def test_only_what_counts_is_looked_at():
    left = torch.zeros(1, 1, SIDE, SIDE)
    left[..., : SIDE // 2] = 1
    one, other = lit(0.1, 0.2, (SIDE, SIDE // 2)), lit(0.6, 0.02, (SIDE, SIDE // 2))
    counted = light_of(torch.cat([one, other], 3), left)[1]
    assert counted == pytest.approx(light_of(torch.cat([one, torch.zeros_like(one)], 3), left)[1])
    assert counted == pytest.approx(0.1**2 / 12 / 0.1**2, rel=0.1)


@pytest.mark.parametrize(
    ("broad", "most", "left"),
    [
        (4.0, 1.0, 0.5),
        (4.0, 2.25, 0.75),
        (100.0, 1.0, 0.5),  # never less
        (1.0, 1.0, 1.0),
        (1.0, 9.0, 1.0),  # never more
        (math.inf, 1.0, 0.5),
        (1.0, math.inf, 1.0),
        (math.inf, math.inf, 1.0),
        (0.0, 0.0, 1.0),
        (1.0, 0.0, 0.5),
        (1.0, math.nan, 1.0),
        (math.nan, 1.0, 1.0),
    ],
)
def test_so_much_is_left_that_light_varies_no_more_broadly(broad, most, left):
    assert left_of(broad, most) == left


@pytest.mark.parametrize("left", [0.5, 0.8])
def test_what_is_left_is_a_share_of_the_broad_light_and_all_else(left):
    before = lit(0.4, 0.1)
    after = evened(before, left)
    assert ramp(after) == pytest.approx(0.4 * left, abs=0.01)
    assert checks(after) == pytest.approx(checks(before), abs=0.003)
    assert float(lightness(after).mean()) == pytest.approx(float(lightness(before).mean()), abs=1e-3)
    assert light_of(after)[1] == pytest.approx(left**2 * light_of(before)[1], rel=0.05)


def test_colors_stay_and_so_does_the_kind_of_numbers():
    red = srgb_to_oklab(unpacked(lit(0.4, 0.1)))
    red[:, 1] += 0.05
    picture = oklab_to_srgb(red)
    after = evened(picture, 0.5)
    assert after.dtype == torch.float32
    assert (srgb_to_oklab(after) - red)[:, 1:].abs().max() < 1e-3
    assert (unpacked(evened(packed(picture), 0.5)) - after).abs().max() < 1e-4
    assert evened(picture, 1.0) is picture


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 2), (37, 41), (700, 900)])
def test_any_shape(shape):
    picture = lit(0.4, 0.1, shape)
    after = evened(picture, 0.5)
    assert after.shape == picture.shape
    assert (unpacked(after) - unpacked(picture)).abs().max() < 0.3


def test_a_large_picture_is_evened_a_few_rows_at_a_time(monkeypatch):
    picture = lit(0.4, 0.1)
    at_once = evened(picture, 0.5)
    monkeypatch.setattr(strips, "_PIXELS", 7 * SIDE)
    assert (at_once.int() - evened(picture, 0.5).int()).abs().max() <= 1


def test_cells_are_enlarged_in_any_rows_to_the_same():
    cells = torch.rand(1, 1, 5, 7)
    whole = enlarged(cells, (50, 70), 0, 50)
    torch.testing.assert_close(enlarged(cells, (50, 70), 13, 29), whole[:, :, 13:29])
    torch.testing.assert_close(
        enlarged(torch.full((1, 1, 5, 7), 0.3), (50, 70), 0, 50), torch.full((1, 1, 50, 70), 0.3)
    )
    middles = whole[0, 0, 4::10, 4::10] + whole[0, 0, 5::10, 5::10]
    assert (middles / 2 - cells[0, 0]).abs().max() < 0.1


def test_few_pixels_of_a_large_picture_tell_of_all(monkeypatch):
    picture = lit(0.4, 0.1, (500, 700))
    few = light_of(picture)[1]
    monkeypatch.setattr(light, "_LOOKED_AT", 1000)
    assert few == pytest.approx(light_of(picture)[1], rel=0.05)
