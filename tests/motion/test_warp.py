import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from impasto.motion import chained, resized, warped

PICTURE = torch.tensor([[[[0.0, 1.0, 2.0], [10.0, 11.0, 12.0]]]])


def everywhere(x: float, y: float, height: int = 2, width: int = 3) -> torch.Tensor:
    return torch.tensor([float(x), float(y)]).view(1, 2, 1, 1).expand(1, 2, height, width)


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ((0, 0), [[0, 1, 2], [10, 11, 12]]),
        ((1, 0), [[1, 2, 2], [11, 12, 12]]),
        ((0, 1), [[10, 11, 12], [10, 11, 12]]),
        ((-1, 0), [[0, 0, 1], [10, 10, 11]]),
        ((0.25, 0.5), [[5.25, 6.25, 7], [10.25, 11.25, 12]]),
        ((100, -100), [[2, 2, 2], [2, 2, 2]]),
    ],
)
def test_by_hand(vector, expected):
    assert torch.allclose(warped(PICTURE, everywhere(*vector)), torch.tensor([[expected]]).float(), atol=1e-5)


def test_each_pixel_has_its_own_vector():
    motion = torch.zeros(1, 2, 2, 3)
    motion[0, :, 1, 0] = torch.tensor([2.0, -1.0])
    assert warped(PICTURE, motion)[0, 0, 1].tolist() == pytest.approx([2, 11, 12])


@settings(max_examples=30, deadline=None)
@given(height=st.integers(1, 20), width=st.integers(1, 20), batch=st.integers(1, 3), channels=st.integers(1, 4))
def test_scipy_agrees(height, width, batch, channels):
    picture = torch.rand(batch, channels, height, width, dtype=torch.float64)
    motion = 6 * torch.randn(1, 2, height, width, dtype=torch.float64)
    x = torch.arange(width) + motion[0, 0]
    y = torch.arange(height)[:, None] + motion[0, 1]
    got = warped(picture, motion)
    for each in range(batch):
        for channel in range(channels):
            expected = map_coordinates(picture[each, channel].numpy(), [y.numpy(), x.numpy()], order=1, mode="nearest")
            assert torch.allclose(got[each, channel], torch.from_numpy(expected), atol=1e-9)


def test_gradients():
    picture = torch.rand(1, 2, 4, 5, dtype=torch.float64, requires_grad=True)
    motion = (torch.rand(1, 2, 4, 5, dtype=torch.float64) * 0.8 + 0.1).requires_grad_()  # between pixels: no corner
    assert torch.autograd.gradcheck(lambda picture, motion: warped(picture, motion)[..., :-1, :-1], (picture, motion))


def test_a_large_picture_that_stands_still_comes_back():
    picture = torch.rand(1, 3, 1080, 1920)
    assert (warped(picture, torch.zeros(1, 2, 1080, 1920)) - picture).abs().max() < 1 / 1024


def test_two_steps_are_one_way():
    assert torch.allclose(chained(everywhere(1, 0), everywhere(2, 1)), everywhere(3, 1))


def test_the_second_step_starts_where_the_first_one_ended():
    second = torch.zeros(1, 2, 1, 4)
    second[0, 0, 0] = torch.tensor([0.0, 5.0, 6.0, 7.0])
    way = chained(everywhere(1, 0, 1, 4), second)
    assert torch.allclose(way[0, 0, 0], torch.tensor([6.0, 7, 8, 8]))


def test_vectors_grow_with_the_frame():
    large = resized(everywhere(3, -2, 10, 20), (30, 40))
    assert large.shape == (1, 2, 30, 40)
    assert torch.allclose(large, everywhere(6, -6, 30, 40))
    assert torch.allclose(resized(large, (10, 20)), everywhere(3, -2, 10, 20), atol=1e-6)


def test_a_zoom_is_the_same_zoom_at_another_size():
    """Flow 0.1 (p - c) at 40 pixels, with the middle of the frame at c = 19.5; at 80, c = 39.5."""
    small = 0.1 * (torch.arange(40.0) - 19.5).expand(1, 2, 40, 40)
    large = 0.1 * (torch.arange(80.0) - 39.5).expand(1, 2, 80, 80)
    assert torch.allclose(resized(small, (80, 80))[:, :1, :, 2:-2], large[:, :1, :, 2:-2], atol=1e-5)
