import numpy as np
import pytest
import torch

from impasto.losses import gram_matrix, statistics
from impasto.losses.statistics import ascending, sums


def test_by_hand():
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])  # two channels, two positions
    expected = torch.tensor([[[(1 + 4) / 2, (3 + 8) / 2], [(3 + 8) / 2, (9 + 16) / 2]]])
    torch.testing.assert_close(gram_matrix(features), expected)


def test_agrees_with_numpy():
    features = torch.randn(2, 5, 4, 7, generator=torch.Generator().manual_seed(0))
    flat = features.numpy().reshape(2, 5, -1)
    np.testing.assert_allclose(gram_matrix(features), np.einsum("bin,bjn->bij", flat, flat) / 28, rtol=1e-5, atol=1e-6)


def test_shuffled_positions_have_the_same_matrix():
    features = torch.randn(1, 6, 5, 5)
    shuffled = features.flatten(2)[..., torch.randperm(25)].reshape(features.shape)
    torch.testing.assert_close(gram_matrix(shuffled), gram_matrix(features))


def test_a_picture_repeated_has_the_same_matrix():
    features = torch.randn(1, 6, 5, 5)
    torch.testing.assert_close(gram_matrix(features.repeat(1, 1, 2, 3)), gram_matrix(features))


def test_a_mask_of_ones_equals_no_mask():
    features = torch.randn(1, 6, 5, 5)
    torch.testing.assert_close(gram_matrix(features, torch.ones(1, 1, 5, 5)), gram_matrix(features))


@pytest.mark.parametrize("part", [100, 5000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_sums_under_a_mask_of_ones_are_the_same_to_the_last_bit(dtype, part, monkeypatch):
    monkeypatch.setattr(statistics, "_PART_OF_SUMS", part)
    features = torch.randn(2, 7, 31, 43, generator=torch.Generator().manual_seed(0)).to(dtype)
    assert torch.equal(sums(features), sums(features, torch.ones(2, 1, 31, 43)))


def test_a_mask_cuts_out_its_part():
    features = torch.randn(1, 6, 4, 8)
    mask = torch.zeros(1, 1, 4, 8)
    mask[..., :3] = 1
    torch.testing.assert_close(gram_matrix(features, mask), gram_matrix(features[..., :3]))


@pytest.mark.parametrize("size", [(3, 5), (32, 32), (93, 101)], ids=["one part", "two parts", "parts and a rest"])
def test_sums_of_bfloat16_are_those_of_the_same_numbers_in_float64(size):
    generator = torch.Generator().manual_seed(1)
    features = (torch.randn(2, 6, *size, generator=generator) + 1).relu().bfloat16().requires_grad_()
    exact = features.detach().double().requires_grad_()
    slope = torch.randn(2, 7, 7, dtype=torch.float64, generator=generator)
    table, expected = sums(features), sums(exact)
    (table * slope.float()).sum().backward()
    (expected * slope).sum().backward()
    assert table.dtype == torch.float32
    torch.testing.assert_close(table.double(), expected, rtol=4e-3, atol=0)  # bfloat16 has eight bits
    assert (features.grad - exact.grad).norm() < 4e-3 * exact.grad.norm()


def test_sums_of_bfloat16_under_a_mask():
    features = torch.rand(1, 4, 8, 8).bfloat16()
    mask = torch.rand(1, 1, 8, 8)
    torch.testing.assert_close(sums(features, mask), sums(features.float(), mask), rtol=1e-2, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_ascending_values_and_their_gradient_are_those_of_torch(dtype):
    values = torch.randperm(240, generator=torch.Generator().manual_seed(2)).view(2, 3, 40).to(dtype) - 99
    values[0, 1, 5], values[1, 2, 7] = torch.inf, torch.nan
    mine, expected = values.clone().requires_grad_(), values.clone().requires_grad_()
    for ordered in (ascending(mine), expected.sort(dim=2).values):
        (ordered * torch.arange(40)).sum().backward()
    assert torch.equal(mine.grad, expected.grad)
    for ordered in (ascending(values), ascending(mine).detach()):
        torch.testing.assert_close(ordered, values.sort(dim=2).values, rtol=0, atol=0, equal_nan=True)
