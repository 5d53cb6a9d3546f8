import pytest
import torch
from scipy.stats import wasserstein_distance_nd
from torch.autograd import gradcheck

from impasto.losses import sliced_wasserstein, sliced_wasserstein_target


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_by_hand_in_one_channel():
    """Sorted, 1 and 3 against 2 and 7: the mean of 1 and 16."""
    features, style = torch.tensor([[[[3.0, 1.0]]]]), torch.tensor([[[[2.0, 7.0]]]])
    assert sliced_wasserstein(features, sliced_wasserstein_target(style)).item() == pytest.approx(8.5)


def test_a_shift_costs_its_square_whatever_the_directions():
    """They are orthonormal: a shift by d costs |d|^2, shared by the channels."""
    features, shift = drawn(1, 4, 5, 6), torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)
    distance = sliced_wasserstein(features + shift[:, None, None], sliced_wasserstein_target(features))
    assert distance.item() == pytest.approx(shift.square().sum().item() / 4)


def test_it_is_zero_for_the_same_features_elsewhere():
    features = drawn(1, 4, 6, 5)
    shuffled = features.flatten(2)[:, :, torch.randperm(30)].view_as(features)
    assert sliced_wasserstein(shuffled, sliced_wasserstein_target(features)).item() < 1e-20


def test_it_sees_what_mean_and_covariance_do_not():
    two_values = torch.tensor([-1.0, 1.0] * 8).view(1, 1, 4, 4)
    others = torch.tensor([-(2**0.5), 0.0, 0.0, 2**0.5] * 4).view(1, 1, 4, 4)
    assert others.var(unbiased=False).item() == pytest.approx(1)
    assert sliced_wasserstein(two_values, sliced_wasserstein_target(others)).item() > 0.1


def test_it_is_at_most_the_distance_of_which_it_sees_slices():
    features, style = drawn(1, 3, 3, 4), drawn(1, 3, 3, 4, seed=1) + 0.3
    points = [picture[0].flatten(1).T.numpy() for picture in (features, style)]
    whole = wasserstein_distance_nd(*points)
    sliced = 3 * sliced_wasserstein(features, sliced_wasserstein_target(style)).item()
    assert 0.5 * whole**2 < sliced < 2 * whole**2


def test_pictures_of_two_sizes_are_compared_by_quantiles():
    features = torch.linspace(0, 1, 64).view(1, 1, 8, 8)
    larger = torch.linspace(0, 1, 1024).view(1, 1, 32, 32)
    assert sliced_wasserstein(features, sliced_wasserstein_target(larger)).item() < 1e-4


def test_a_mask_leaves_positions_out():
    features = drawn(1, 2, 4, 6)
    spoilt = features.clone()
    spoilt[..., 3:] = 100
    mask = torch.zeros(1, 1, 4, 6, dtype=torch.float64)
    mask[..., :3] = 1
    target = sliced_wasserstein_target(features[..., :3])
    assert sliced_wasserstein(spoilt, target, mask).item() < 1e-3


def test_gradient():
    features = drawn(1, 3, 4, 4).requires_grad_()
    target = sliced_wasserstein_target(drawn(1, 3, 5, 5, seed=3))
    assert gradcheck(lambda f: sliced_wasserstein(f, target), features)
