import pytest
import torch

from impasto.losses import nearest_neighbor, nearest_neighbor_target, palette, palette_target, relaxed_emd
from impasto.losses.matching import matchable, pick
from impasto.losses.relaxed_emd import relaxed_emd_target


def noise(seed, channels=200, positions=300):
    return torch.randn(1, positions, channels, generator=torch.Generator().manual_seed(seed))


def test_planted_patches_are_found():
    style = noise(1)
    planted = torch.tensor([[7, 250, 0, 7, 131]])
    ready = matchable(style)
    wanted = pick(style, planted) + 0.1 * noise(2, positions=5)
    assert ready.nearest(ready.seen(wanted)).tolist() == planted.tolist()


def test_what_is_found_is_what_a_full_search_finds_where_features_have_few_directions():
    few = noise(3, channels=40)
    mix = torch.randn(40, 200, generator=torch.Generator().manual_seed(4))
    style, picture = few @ mix, noise(5, channels=40) @ mix
    ready = matchable(style)
    seen = ready.seen(picture)
    full = (seen @ ready.units.mT).argmax(2)
    assert torch.equal(ready.nearest(seen), full)
    assert torch.equal(ready.nearest_of(seen), (ready.units @ seen.mT).argmax(2))


@pytest.mark.parametrize("seed", [1, 2])
def test_nearest_neighbor_is_one_minus_the_best_cosine(seed):
    style = torch.tensor([[1.0, -1, 0, 0], [0, 0, 1, -1]]).view(1, 2, 2, 2)  # the mean is zero
    picture = torch.tensor([[3.0, 1.0], [0.0, -1.0]]).view(1, 2, 1, 2)
    # The first lies on a feature of the style, the second halfway between two of them.
    expected = (0 + (1 - 0.5**0.5)) / 2
    assert nearest_neighbor(picture, nearest_neighbor_target(style)).item() == pytest.approx(expected, abs=1e-6)


def test_relaxed_emd_wants_all_of_the_style_and_nearest_neighbor_does_not():
    style = torch.tensor([[1.0, -1, 0, 0], [0, 0, 1, -1]]).view(1, 2, 2, 2)
    picture = torch.tensor([[1.0, 1.0], [0.0, 0.0]]).view(1, 2, 1, 2)  # one of the four, twice
    assert nearest_neighbor(picture, nearest_neighbor_target(style)).item() == pytest.approx(0, abs=1e-6)
    # The four of the style are 0, 2, 1 and 1 from it.
    assert relaxed_emd(picture, relaxed_emd_target(style)).item() == pytest.approx(1, abs=1e-6)


def test_the_palette_is_measured_in_squared_distances_of_colors():
    style = torch.tensor([0.0, 0, 0, 1, 1, 1]).view(2, 3).T.reshape(1, 3, 1, 2)  # black and white
    gray = torch.full((1, 3, 1, 1), 0.5)
    # Each channel is 0.5 away, and the transform keeps distances but for rounding.
    assert palette(gray, palette_target(style)).item() == pytest.approx(0.75, rel=2e-3)


def test_matches_are_the_same_every_time():
    style = noise(6)
    first, second = (matchable(style) for _ in range(2))
    assert torch.equal(first.codes, second.codes)


def test_matches_are_the_same_whatever_numbers_are_by_default(request):
    style = noise(6)
    plain = matchable(style).codes
    request.getfixturevalue("float64_by_default")
    torch.testing.assert_close(matchable(style).codes, plain)
