import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch.autograd import gradcheck

from impasto.losses import wasserstein, wasserstein_target


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(shape[1], shape[1], dtype=torch.float64, generator=generator)
    return torch.einsum("ij,bjhw->bihw", mixing, torch.randn(*shape, dtype=torch.float64, generator=generator)) + 1


@pytest.mark.parametrize("shape", [(1, 5, 8, 9), (1, 12, 3, 3)], ids=["many positions", "fewer than channels"])
def test_agrees_with_scipys_matrix_root(shape):
    features, style = drawn(*shape), drawn(1, shape[1], 7, 8, seed=1)
    a, b = (picture[0].flatten(1).numpy() for picture in (features, style))
    s, t = np.cov(a, bias=True), np.cov(b, bias=True)
    shared = sqrtm(sqrtm(t) @ s @ sqrtm(t)).real
    expected = ((a.mean(1) - b.mean(1)) ** 2).sum() + np.trace(s + t - 2 * shared)
    assert wasserstein(features, wasserstein_target(style)).item() == pytest.approx(expected, rel=2e-3)


def test_by_hand_in_one_channel():
    """Means 1 and 5, deviations 1 and 3: 4^2 + 2^2."""
    features = torch.tensor([[[[0.0, 2.0]]]])
    assert wasserstein(features, wasserstein_target(torch.tensor([[[[2.0, 8.0]]]]))).item() == pytest.approx(20, 1e-3)


def test_it_is_zero_for_the_same_features_elsewhere():
    features = drawn(1, 4, 6, 5)
    shuffled = features.flatten(2)[:, :, torch.randperm(30)].view_as(features)
    target = wasserstein_target(features)
    assert wasserstein(shuffled, target).item() == pytest.approx(0, abs=2e-3 * target.variance.item())


def test_a_mask_leaves_positions_out():
    features = drawn(1, 3, 4, 6)
    mask = torch.zeros(1, 1, 4, 6, dtype=torch.float64)
    mask[..., :3] = 1
    target = wasserstein_target(drawn(1, 3, 5, 5, seed=2))
    kept = wasserstein(features[..., :3], target)
    torch.testing.assert_close(wasserstein(features, target, mask), kept)
    torch.testing.assert_close(wasserstein(features, target, torch.ones_like(mask)), wasserstein(features, target))


@pytest.mark.parametrize("size", [(4, 4), (1, 2)], ids=["many positions", "fewer than channels"])
def test_gradient(size):
    features = drawn(1, 3, *size).requires_grad_()
    target = wasserstein_target(drawn(1, 3, 5, 5, seed=3))
    mask = torch.rand(1, 1, *size, dtype=torch.float64)
    assert gradcheck(lambda f: wasserstein(f, target), features)
    assert gradcheck(lambda f: wasserstein(f, target, mask), features)


def test_an_empty_style_has_a_slope():
    features = torch.rand(1, 3, 4, 4, requires_grad=True)
    wasserstein(features, wasserstein_target(torch.zeros(1, 3, 4, 4))).backward()
    assert features.grad.isfinite().all()


def test_a_style_of_few_positions_is_known_in_as_few_directions():
    """Five positions differ in four directions; the loss is that of the whole root all the same."""
    style, features = drawn(1, 12, 1, 5, seed=4), drawn(1, 12, 6, 7)
    target = wasserstein_target(style)
    assert target.root.shape == (1, 12, 4)
    s, t = (np.cov(picture[0].flatten(1).numpy(), bias=True) for picture in (features, style))
    shared = sqrtm(sqrtm(t) @ s @ sqrtm(t)).real
    apart = (features.mean((2, 3)) - style.mean((2, 3))).square().sum().item()
    expected = apart + np.trace(s + t - 2 * shared)
    assert wasserstein(features, target).item() == pytest.approx(expected, rel=2e-3)
