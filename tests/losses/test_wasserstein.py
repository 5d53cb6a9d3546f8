import math
import sys

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch.autograd import gradcheck

from impasto.errors import WeightsError
from impasto.losses import wasserstein, wasserstein_target
from impasto.losses.roots import trace_of_root
from impasto.losses.statistics import _products_on_card
from impasto.losses.wasserstein import _iterated_roots


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


def of_a_network(channels: int, side: int, seed: int) -> torch.Tensor:
    """Rectified features (1, C, h, w) whose directions differ a thousandfold in variance, as those of networks do."""
    draw = torch.Generator().manual_seed(seed)
    mixing = torch.linalg.qr(torch.randn(channels, channels, generator=draw))[0] * torch.logspace(0, -1.5, channels)
    return torch.einsum("ij,bjhw->bihw", mixing, torch.randn(1, channels, side, side, generator=draw) + 0.2).relu()


@pytest.mark.parametrize(
    ("channels", "side", "near"), [(64, 40, 3e-4), (48, 5, 2e-3)], ids=["many positions", "fewer than channels"]
)
def test_iterated_roots_are_those_of_eigenvalues(channels, side, near, monkeypatch):
    """The way of graphics cards, in the value of the loss and in its slope."""
    features = of_a_network(channels, side, 1).requires_grad_()
    target = wasserstein_target(of_a_network(channels, side + 1, 2))
    exact = wasserstein(features, target)
    monkeypatch.setattr(sys.modules[wasserstein.__module__], "_exact_roots", _iterated_roots)
    iterated = wasserstein(features, target)
    assert iterated.item() != exact.item()
    roots = (target.variance.item() + features.var((2, 3), correction=0).sum().item()) / 2  # about
    assert abs(iterated.item() - exact.item()) < near * roots
    slope, own = (torch.autograd.grad(value, features)[0] for value in (exact, iterated))
    assert (own - slope).norm() < 0.05 * slope.norm()


def test_the_trace_of_a_root_has_its_slope():
    factor = torch.randn(2, 5, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    matrix = factor @ factor.mT
    values = torch.linalg.eigvalsh(matrix)
    torch.testing.assert_close(trace_of_root(matrix), values.sqrt().sum(1), rtol=1e-6, atol=0)
    assert gradcheck(lambda m: trace_of_root((m + m.mT) / 2), matrix.requires_grad_(), rtol=1e-4)


def test_parts_of_a_card_add_up_to_all_products():
    one, other = (torch.randn(2, 5000, columns, dtype=torch.float64) for columns in (6, 1))
    torch.testing.assert_close(_products_on_card(one, other), one.mT @ other)
    torch.testing.assert_close(_products_on_card(one[:, :9], one[:, :9]), one[:, :9].mT @ one[:, :9])


def test_features_that_are_no_numbers_are_told_of_a_style_and_a_loss_of_others():
    wild, tame = torch.full((1, 4, 6, 6), math.inf), torch.rand(1, 4, 6, 6)
    with pytest.raises(WeightsError, match="more than numbers can hold"):
        wasserstein_target(wild)
    assert wasserstein(wild, wasserstein_target(tame)).isnan()


def test_the_slope_leads_the_right_way_near_the_goal():
    """Channels of very different variance, as a network's are: float32 alone has a cosine of .79 to float64 here."""
    generator = torch.Generator().manual_seed(0)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=generator)

    spread = torch.logspace(0, -2, 128, dtype=torch.float64)[:, None, None]
    mixing = torch.linalg.qr(noise(128, 128)).Q
    style = torch.einsum("ij,bjhw->bihw", mixing, spread * noise(1, 128, 20, 20)) + 1
    features, slopes = style + 0.01 * noise(*style.shape), []
    for dtype in (torch.float32, torch.float64):
        given = features.to(dtype).requires_grad_()
        wasserstein(given, wasserstein_target(style.to(dtype))).backward()
        slopes.append(given.grad.double().flatten())
    assert torch.cosine_similarity(*slopes, dim=0) > 0.99
