import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine import pixels


def test_there_and_back():
    image = torch.linspace(0.004, 0.996, 300).reshape(1, 3, 10, 10)
    torch.testing.assert_close(pixels.picture(pixels.free(image)), image)


def test_black_and_white_come_back_within_a_step_of_8_bits():
    image = torch.tensor([0.0, 1.0])
    assert (pixels.picture(pixels.free(image)) - image).abs().max() <= 0.0041


@given(st.floats(-1e30, 1e30))
def test_no_number_leaves_the_range(number):
    assert 0 <= pixels.picture(torch.tensor(number)).item() <= 1
