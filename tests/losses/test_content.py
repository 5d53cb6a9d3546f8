import numpy as np
import torch
from torch.autograd import gradcheck

from impasto.losses import content, content_target


def test_by_hand_divided_by_width_height_and_channels():
    features = torch.tensor([[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]])  # 2 channels, 1 high, 3 wide
    target = torch.tensor([[[[0.0, 2.0, 3.0]], [[4.0, 5.0, 9.0]]]])
    torch.testing.assert_close(content(features, target), torch.tensor((1 + 9) / (3 * 1 * 2)))


def test_agrees_with_numpy():
    features, other = torch.rand(1, 8, 5, 6), torch.rand(1, 8, 5, 6)
    expected = np.square(features.numpy() - other.numpy()).sum() / (5 * 6 * 8)
    np.testing.assert_allclose(content(features, content_target(other)).item(), expected, rtol=1e-6)


def test_a_mask_of_ones_equals_no_mask():
    features, other = torch.rand(1, 8, 5, 6), torch.rand(1, 8, 5, 6)
    torch.testing.assert_close(content(features, other, torch.ones(1, 1, 5, 6)), content(features, other))


def test_what_a_mask_hides_does_not_count():
    features, other = torch.rand(1, 8, 5, 6), torch.rand(1, 8, 5, 6)
    mask = torch.zeros(1, 1, 5, 6)
    mask[..., :2] = 1
    torch.testing.assert_close(content(features, other, mask), content(features[..., :2], other[..., :2]))


def test_where_a_mask_counts_nothing_there_is_no_error_and_no_slope():
    features = torch.rand(1, 8, 5, 6, requires_grad=True)
    error = content(features, torch.rand(1, 8, 5, 6), torch.zeros(1, 1, 5, 6))
    error.backward()
    assert error == 0
    assert not features.grad.any()


def test_gradient():
    features = torch.randn(1, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    assert gradcheck(lambda f: content(f, torch.zeros_like(f)), features)
