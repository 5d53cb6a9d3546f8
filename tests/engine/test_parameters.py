import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.parameters import PARAMETERS, LaplacianPyramid, Pixels


@pytest.mark.parametrize("kind", PARAMETERS.values())
@pytest.mark.parametrize("size", [(10, 10), (37, 64), (16, 200)])
def test_there_and_back(kind, size):
    image = torch.rand(1, 3, *size) * 0.99 + 0.005
    parameters = kind(size)
    torch.testing.assert_close(parameters.picture(parameters.free(image)), image)


@pytest.mark.parametrize("kind", PARAMETERS.values())
def test_black_and_white_come_back_within_a_step_of_8_bits(kind):
    image = (torch.rand(1, 3, 20, 20) > 0.5).float()
    parameters = kind((20, 20))
    assert (parameters.picture(parameters.free(image)) - image).abs().max() <= 0.0041


@given(st.floats(-1e30, 1e30))
def test_no_number_leaves_the_range(number):
    assert 0 <= Pixels((1, 1)).picture(torch.tensor(number)).item() <= 1


def test_one_number_of_the_pyramid_moves_a_broad_area():
    parameters = LaplacianPyramid((64, 64))
    numbers = parameters.free(torch.full((1, 3, 64, 64), 0.5))
    numbers[-1] += 1  # of the coarsest level: the blue of its last place
    moved = parameters.picture(numbers) - 0.5
    assert (moved[0, 2] > 0.01).sum() > 50
    assert moved[0, :2].abs().max() < 1e-6


@pytest.mark.parametrize("kind", PARAMETERS.values())
def test_the_gradient_is_that_of_the_picture(kind):
    numbers = kind((20, 33)).free(torch.rand(1, 3, 20, 33)).requires_grad_()
    image, slope = kind((20, 33)).picture(numbers), torch.randn(1, 3, 20, 33)
    (expected,) = torch.autograd.grad(image, numbers, slope)
    found = kind((20, 33)).gradient(numbers.detach(), image.detach(), slope.clone())
    torch.testing.assert_close(found, expected)
