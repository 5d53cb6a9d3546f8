import numpy as np
import torch
from torch.autograd import gradcheck

from impasto.losses import gram, gram_target


def test_by_hand():
    ones = torch.ones(1, 2, 1, 1)  # its Gram matrix is all ones
    target = gram_target(torch.tensor([[[[1.0]], [[2.0]]]]))  # [[1, 2], [2, 4]]
    assert gram(ones, target).item() == 0 + 1 + 1 + 9


def test_zero_against_itself():
    features = torch.randn(1, 4, 6, 6)
    assert gram(features, gram_target(features)).item() == 0


def test_agrees_with_numpy_between_pictures_of_different_sizes():
    features, style = torch.rand(1, 4, 6, 5), torch.rand(1, 4, 3, 9)
    a, b = (picture.numpy().reshape(4, -1) for picture in (features, style))
    expected = ((a @ a.T / 30 - b @ b.T / 27) ** 2).sum()
    np.testing.assert_allclose(gram(features, gram_target(style)).item(), expected, rtol=1e-5)


def test_gradient():
    features = torch.randn(1, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    target = gram_target(torch.randn(1, 3, 5, 5, dtype=torch.float64))
    mask = torch.rand(1, 1, 4, 4, dtype=torch.float64)
    assert gradcheck(lambda f: gram(f, target), features)
    assert gradcheck(lambda f: gram(f, target, mask), features)
