import pytest
import torch

from impasto.engine.regions import parts, regions, untouched_outside, whole

LEFT = torch.zeros(1, 1, 4, 8)
LEFT[..., :2] = 1
CONTENT = {"red": LEFT, "blue": 1 - LEFT}


def test_equal_names_belong_together_and_weigh_what_they_cover():
    style = {"blue": torch.ones(1, 1, 5, 5)}
    (found,) = regions([1.0], CONTENT, [style])
    assert found.name == "blue"
    assert found.here.pixels is CONTENT["blue"]
    assert found.there[0].pixels is style["blue"]
    assert found.shares == [pytest.approx(0.75)]


def test_each_region_shares_itself_out_among_the_styles_that_have_it():
    ones = torch.ones(1, 1, 5, 5)
    red, blue = regions([0.5, 0.5], CONTENT, [{"red": ones, "blue": ones}, {"blue": ones}])
    assert red.shares == [pytest.approx(0.25), 0]
    assert blue.shares == [pytest.approx(0.375), pytest.approx(0.375)]
    assert red.there[1] is None
    assert len(parts([red, blue], 1)) == 1


def test_without_maps_of_styles_all_that_is_not_black_is_painted():
    (found,) = regions([0.3, 0.7], {"black": LEFT, "white": 1 - LEFT})
    assert torch.equal(found.here.pixels, 1 - LEFT)
    assert found.there == [None, None]
    assert sum(found.shares) == pytest.approx(0.75)
    assert regions([1.0], {"black": torch.ones(1, 1, 4, 8)}) == []


def test_outside_the_regions_the_photo_stays_to_the_bit():
    photo, painted = torch.rand(2, 1, 3, 4, 8)
    result = untouched_outside(regions([1.0], {"black": LEFT, "white": 1 - LEFT}), painted, photo)
    assert torch.equal(result[..., :2], photo[..., :2])
    assert torch.equal(result[..., 2:], painted[..., 2:])
    assert untouched_outside(whole([1.0]), painted, photo) is painted


def test_a_smaller_preview_gets_a_smaller_mask():
    found = regions([1.0], {"black": LEFT, "white": 1 - LEFT})
    result = untouched_outside(found, torch.ones(1, 3, 2, 4), torch.zeros(1, 3, 2, 4))
    assert result[0, 0].tolist() == [[0, 1, 1, 1]] * 2


def test_a_region_without_a_pixel_is_none():
    empty = torch.zeros(1, 1, 4, 8)
    ones = torch.ones(1, 1, 5, 5)
    assert regions([1.0], {"red": empty}, [{"red": ones}]) == []
    assert regions([1.0], {"red": LEFT}, [{"red": torch.zeros(1, 1, 5, 5)}]) == []
