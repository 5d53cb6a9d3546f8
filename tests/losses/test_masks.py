"""What every loss owes to a mask."""

import pytest
import torch

from impasto.losses import CONTENT_LOSSES, STYLE_LOSSES

STYLE_PARTS = {f"{name} {part}": loss for name, parts in STYLE_LOSSES.items() for part, loss in enumerate(parts)}
LOSSES = STYLE_PARTS | CONTENT_LOSSES


def features(seed, channels=3, size=(12, 10)):
    return torch.rand(1, channels, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", LOSSES)
def test_a_mask_of_ones_is_no_mask(name):
    loss = LOSSES[name]
    ones = torch.ones(1, 1, 12, 10, dtype=torch.float64)
    plain = loss.distance(features(1), loss.target(features(2), None), None)
    masked = loss.distance(features(1), loss.target(features(2), ones), ones)
    torch.testing.assert_close(masked, plain)


@pytest.mark.parametrize("name", STYLE_PARTS)
def test_what_is_outside_a_region_does_not_count(name):
    loss = STYLE_PARTS[name]
    left = torch.zeros(1, 1, 12, 10, dtype=torch.float64)
    left[..., :5] = 1
    changed = torch.where(left > 0, features(1), features(3))
    target = loss.target(features(2), left)
    assert loss.distance(features(1), target, left).item() == loss.distance(changed, target, left).item()
    elsewhere = torch.where(left > 0, features(2), features(4))
    assert loss.distance(features(1), target, left) == loss.distance(features(1), loss.target(elsewhere, left), left)


@pytest.mark.parametrize("name", STYLE_PARTS)
def test_what_is_inside_a_region_counts(name):
    loss = STYLE_PARTS[name]
    left = torch.zeros(1, 1, 12, 10, dtype=torch.float64)
    left[..., :5] = 1
    target = loss.target(features(2), left)
    near, far = (loss.distance(each, target, left).item() for each in (features(2), features(1)))
    assert near < 0.05 * far


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_those_of_the_values(name):
    loss = LOSSES[name]
    target = loss.target(features(2, size=(5, 4)), None)
    image = features(1, size=(5, 4)).requires_grad_()
    assert torch.autograd.gradcheck(lambda seen: loss.distance(seen, target, None), image)


@pytest.mark.parametrize("name", STYLE_PARTS)
def test_shuffled_positions_are_the_same_style(name):
    loss = STYLE_PARTS[name]
    seen = features(1)
    order = torch.randperm(120, generator=torch.Generator().manual_seed(5))
    shuffled = seen.flatten(2)[:, :, order].view_as(seen)
    target = loss.target(features(2), None)
    torch.testing.assert_close(loss.distance(shuffled, target, None), loss.distance(seen, target, None))


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_a_style_of_one_color_does_not_outweigh_everything(name):
    flat = features(2, size=(1, 1)).expand(1, 3, 12, 10).contiguous()
    for loss in STYLE_LOSSES[name]:
        target = loss.target(flat, None)
        scale = loss.unit or max(loss.distance(torch.zeros_like(flat), target, None).item(), 1e-8)
        assert loss.distance(features(1), target, None).item() / scale < 10
