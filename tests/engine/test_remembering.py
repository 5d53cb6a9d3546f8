"""Statistics that change slowly."""

import torch

from impasto.engine.remembering import Memory
from impasto.losses.statistics import Sums, mean_and_covariance, sums


def test_what_is_known_is_a_mean_over_frames_whatever_their_size():
    memory = Memory()
    first, second = torch.randn(1, 3, 8, 8), torch.randn(1, 3, 4, 4) + 2
    memory.mixed("0", sums(first), 0.75)
    mean, _ = mean_and_covariance(Sums(memory.mixed("0", sums(second), 0.75)))
    wanted = 0.75 * first.mean((2, 3)) + 0.25 * second.mean((2, 3))
    assert torch.allclose(mean[..., 0], wanted, atol=1e-5)


def test_without_a_share_nothing_is_remembered():
    memory, second = Memory(), torch.randn(1, 3, 4, 4)
    memory.mixed("0", sums(torch.randn(1, 3, 4, 4)), 0)
    found, wanted = mean_and_covariance(Sums(memory.mixed("0", sums(second), 0))), mean_and_covariance(second)
    assert all(torch.allclose(*pair, atol=1e-5) for pair in zip(found, wanted, strict=True))


def test_names_are_kept_apart_and_taken_over():
    memory, other = Memory(), Memory()
    one, two = sums(torch.ones(1, 2, 2, 2)), sums(torch.zeros(1, 2, 2, 2))
    memory.mixed("a", one, 0.5)
    assert torch.equal(memory.mixed("b", two, 0.5), two / 4)
    other.take(memory.known)
    assert torch.equal(memory.mixed("a", two, 0.5), other.mixed("a", two, 0.5))
