import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch.autograd import gradcheck

from impasto.losses import self_similarity, self_similarity_target


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_agrees_with_scipys_cosine_distance():
    features, other = drawn(1, 6, 4, 5), drawn(1, 6, 4, 5, seed=1)
    matrices = []
    for picture in (features, other):
        points = picture[0].flatten(1).T.numpy()
        distances = cdist(points, points, "cosine")
        matrices.append(distances / distances.sum(0))
    expected = np.abs(matrices[0] - matrices[1]).sum(0).mean()
    assert self_similarity(features, self_similarity_target(other)).item() == pytest.approx(expected)


def test_what_is_alike_may_look_like_anything():
    """Every feature turned the same way, and each as long as it likes."""
    features, turn = drawn(1, 4, 3, 5), torch.linalg.qr(drawn(4, 4)).Q
    changed = torch.einsum("ij,bjhw->bihw", turn, features) * drawn(1, 1, 3, 5, seed=2).add(0.1)
    assert self_similarity(changed, self_similarity_target(features)).item() == pytest.approx(0, abs=1e-6)


def test_large_pictures_are_compared_coarsely():
    assert self_similarity_target(drawn(1, 2, 100, 40)).shape == (1, 1024, 1024)


def test_a_mask_leaves_positions_out():
    features, mask = drawn(1, 3, 2, 4), torch.ones(1, 1, 2, 4, dtype=torch.float64)
    mask[..., 2:] = 0
    target = self_similarity_target(features, mask)
    features[..., 2:] = drawn(1, 3, 2, 2, seed=5)
    assert self_similarity(features, target, mask).item() == 0


def test_gradient():
    features = drawn(1, 3, 3, 4).requires_grad_()
    target = self_similarity_target(drawn(1, 3, 3, 4, seed=3))
    assert gradcheck(lambda f: self_similarity(f, target), features)
