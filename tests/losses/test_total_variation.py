import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses import total_variation


def test_by_hand():
    image = torch.tensor([[[[0.0, 1.0], [0.5, 1.0]]]])
    assert total_variation(image).item() == (0.25 + 0) / 2 + (1 + 0.25) / 2


def test_a_uniform_picture_has_none():
    assert total_variation(torch.full((1, 3, 9, 4), 0.3)).item() == 0


@pytest.mark.parametrize("times", [2, 5])
def test_a_checkerboard_has_the_same_at_every_size(times):
    board = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(4, 4)[None, None]
    assert total_variation(board.repeat(1, 1, times, times)).item() == total_variation(board).item() == 2


def test_one_pixel_has_no_neighbors():
    assert total_variation(torch.rand(1, 3, 1, 1)).item() == 0


def test_gradient():
    image = torch.rand(1, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    assert gradcheck(total_variation, image)
