"""How far the last painting holds, and detail that does not get lost."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impasto.engine.steadying import trust, undisturbed, with_detail_of
from impasto.images.picture import quantize

STILL = torch.zeros(1, 2, 40, 60)
VISIBLE = torch.ones(1, 1, 40, 60)


@pytest.mark.parametrize("size", [(40, 60), (41, 59)])
def test_the_same_frame_is_trusted_everywhere(size):
    frame = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    found = trust(frame, frame, torch.zeros(1, 2, *size), torch.ones(1, 1, *size))
    assert found.shape == (1, 1, *size)
    assert found.min() > 0.999


def test_a_frame_that_moved_is_trusted_along_its_flow_only():
    coarse = F.interpolate(torch.rand(1, 3, 10, 15), (40, 60), mode="bicubic").clamp(0, 1)
    frame = quantize(coarse, 8)
    moved = np.roll(frame, 4, 1)
    flow = STILL.clone()
    flow[:, 0] = -4
    assert trust(moved, frame, flow, VISIBLE)[..., 12:-12].min() > 0.97
    assert trust(moved, frame, STILL, VISIBLE).mean() < 0.4


def test_another_thing_is_not_trusted_nor_what_is_right_beside_it():
    earlier = np.full((40, 60, 3), 128, np.uint8)
    frame = earlier.copy()
    frame[10:20, 20:40] = 230
    found = trust(frame, earlier, STILL, VISIBLE)
    assert found[..., 10:20, 20:40].max() < 0.05
    assert found[..., 9:21, 19:41].max() < 0.7
    assert found[..., :2, :].min() > 0.999


def test_nothing_is_trusted_that_is_not_visible_but_for_single_pixels():
    frame, visible = np.full((40, 60, 3), 128, np.uint8), VISIBLE.clone()
    visible[..., :20] = 0
    visible[..., 20, 40] = 0
    found = trust(frame, frame, STILL, visible)
    assert found[..., :16].max() == 0
    assert found[..., 28:].min() > 0.99


def test_detail_is_brought_back_as_far_as_one_step_may_go():
    fresh = (0.5 + 0.1 * torch.randn(1, 1, 64, 64)).expand(-1, 3, -1, -1)
    mean = F.avg_pool2d(fresh, 3, 1, 1, count_include_pad=False)

    def contrast(picture):
        return float((picture - F.avg_pool2d(picture, 3, 1, 1, count_include_pad=False)).std())

    soft = mean + 0.9 * (fresh - mean)
    assert contrast(with_detail_of(fresh, soft)) > 0.98 * contrast(soft) / 0.9
    softer = mean + 0.3 * (fresh - mean)
    assert contrast(with_detail_of(fresh, softer)) < 1.2 * contrast(softer)
    assert torch.allclose(with_detail_of(soft, fresh), fresh.clamp(0, 1)), "nothing is made softer"


def test_what_is_near_to_something_that_moves_is_disturbed():
    """One pixel moves: in its square of 8 pixels, and in those within two squares of it, nothing is kept."""
    rests = torch.ones(1, 1, 60, 70)
    assert torch.equal(undisturbed(rests), rests)
    rests[0, 0, 20, 45] = 0
    expected = torch.ones(1, 1, 60, 70)
    expected[..., 0:40, 24:64] = 0
    assert torch.equal(undisturbed(rests), expected)
