import pytest
import torch

from impasto.losses import temporal, temporal_target

IMAGE = torch.tensor([[[[0.5, 1.0]], [[0.0, 1.0]], [[0.0, 1.0]]]])  # three channels of two pixels
EARLIER = torch.tensor([[[[0.0, 0.0]], [[0.0, 0.0]], [[0.0, 0.0]]]])


def test_difference_worked_by_hand():
    assert temporal(IMAGE, temporal_target(EARLIER)).item() == pytest.approx((0.25 + 3) / 6)


def test_only_what_is_visible_counts():
    visible = torch.tensor([[[[1.0, 0.0]]]])
    assert temporal(IMAGE, EARLIER, visible).item() == pytest.approx(0.25 / 3)
    assert temporal(IMAGE, EARLIER, 0 * visible).item() == 0


def test_gradient():
    image, earlier = (torch.rand(1, 3, 4, 5, dtype=torch.float64) for _ in range(2))
    visible = torch.rand(1, 1, 4, 5, dtype=torch.float64)
    image.requires_grad_()
    assert torch.autograd.gradcheck(lambda image: temporal(image, earlier, visible), image)
