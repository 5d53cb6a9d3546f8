"""Squares of pixels as positions: as torch has them, in another way."""

import pytest
import torch
import torch.nn.functional as F

from impasto.networks.squares import squared, unsquared

LAYOUTS = [torch.contiguous_format, torch.channels_last]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(1, 3, 2, 2), (2, 3, 6, 10), (1, 1, 4, 8), (1, 5, 32, 2)])
def test_they_are_those_of_torch_there_and_back(shape, layout) -> None:
    image = torch.randn(shape).contiguous(memory_format=layout)
    squares = squared(image)
    assert torch.equal(squares, F.pixel_unshuffle(image, 2))
    assert squares.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(unsquared(squares), image)
    assert torch.equal(unsquared(squares.contiguous(memory_format=layout)), image)


def test_what_is_learned_from_them_has_a_gradient() -> None:
    image = torch.randn(1, 3, 4, 6, requires_grad=True)
    weights = torch.randn(1, 3, 4, 6)
    (unsquared(2 * squared(image)) * weights).sum().backward()
    torch.testing.assert_close(image.grad, 2 * weights)
