"""Winograd's convolution against the direct one, and the rule that chooses between them."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from impasto.networks import load, winograd


def drawn(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(len(shape) + sum(shape)))


SHAPES = [(1, 3, 3, 3), (1, 2, 6, 6), (2, 3, 7, 9), (1, 1, 18, 5), (3, 2, 11, 30)]


@pytest.mark.parametrize("form", [winograd.TWO, winograd.FOUR], ids=["2x2", "4x4"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("chunk", [1, 1 << 22], ids=["a row of tiles at a time", "at once"])
def test_it_is_the_direct_convolution(
    shape: tuple[int, ...], chunk: int, form: winograd.Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winograd, "_CHUNK", chunk)
    monkeypatch.setattr(winograd, "_FORMS", {torch.float64: form})
    image, weight = drawn(*shape).requires_grad_(), drawn(5, shape[1], 3, 3)
    bias, transformed = drawn(5), winograd.transformed(weight)
    expected = F.conv2d(image, weight, bias)
    pull = drawn(*expected.shape)
    torch.testing.assert_close(winograd.convolve(image.detach(), transformed, bias), expected)
    (gradient,) = torch.autograd.grad(expected, image, pull)
    torch.testing.assert_close(winograd.convolve_back(pull, transformed, shape), gradient)


def test_in_float32_it_errs_by_little() -> None:
    image, weight = drawn(1, 256, 20, 20), drawn(256, 256, 3, 3)
    expected = F.conv2d(image, weight)
    convolved = winograd.convolve(image.float(), winograd.transformed(weight.float()), torch.zeros(256)).double()
    assert (convolved - expected).abs().max() < 2e-5 * expected.abs().max()


def test_in_bfloat16_it_errs_by_three_times_as_much_as_a_direct_convolution_at_most() -> None:
    image, weight = drawn(1, 256, 20, 20).relu().bfloat16(), drawn(256, 256, 3, 3).bfloat16()
    expected, pull = F.conv2d(image.double(), weight.double()), drawn(1, 256, 18, 18).bfloat16()
    direct = F.conv2d(image, weight)
    transformed = winograd.transformed(weight)
    convolved = winograd.convolve(image, transformed, torch.zeros(256).bfloat16())
    back = winograd.convolve_back(pull, transformed, image.shape)
    wanted = F.conv_transpose2d(pull.double(), weight.double())
    assert len(transformed) == 16
    assert (convolved - expected).norm() < 3 * (direct - expected).norm()
    assert (back - wanted).norm() / wanted.norm() < 4 * (direct - expected).norm() / expected.norm()


@pytest.mark.parametrize(
    ("image", "weight", "expected"),
    [
        (torch.zeros(1, 256, 32, 32), torch.zeros(256, 256, 3, 3), True),
        (torch.zeros(1, 256, 4, 4), torch.zeros(256, 256, 3, 3), False),
        (torch.zeros(1, 64, 32, 32), torch.zeros(256, 64, 3, 3), False),
        (torch.zeros(1, 256, 32, 32).bfloat16(), torch.zeros(256, 256, 3, 3).bfloat16(), True),
        (torch.zeros(1, 128, 32, 32).bfloat16(), torch.zeros(256, 128, 3, 3).bfloat16(), False),
        (torch.zeros(1, 256, 32, 32).half(), torch.zeros(256, 256, 3, 3).half(), False),
        (torch.zeros(1, 256, 32, 32, device="meta"), torch.zeros(256, 256, 3, 3, device="meta"), False),
        (torch.zeros(1, 256, 32, 32), nn.Parameter(torch.zeros(256, 256, 3, 3)), False),
    ],
    ids=["wide", "tiny", "narrow", "bfloat16", "narrow for bfloat16", "float16", "elsewhere", "in training"],
)
def test_it_is_used_where_it_pays(image: Tensor, weight: Tensor, expected: bool) -> None:
    assert winograd.pays(image, weight) == expected


def test_a_network_looks_the_same_through_either(monkeypatch: pytest.MonkeyPatch, picture: Tensor) -> None:
    picture, network = F.interpolate(picture, size=(70, 90)).requires_grad_(), load("vgg19")

    def look() -> tuple[Tensor, Tensor]:
        features = network(picture, ["relu3_1", "relu3_4"])
        pull = features["relu3_1"].square().mean() + features["relu3_4"].square().mean()
        return features["relu3_4"].detach(), torch.autograd.grad(pull, picture)[0]

    fast, fast_gradient = look()
    calls = []
    monkeypatch.setattr(winograd, "pays", lambda *_: calls.append(1))
    direct, gradient = look()
    assert calls
    assert not torch.equal(fast, direct)  # or it was never used
    torch.testing.assert_close(fast, direct, rtol=0, atol=2e-5 * direct.max().item())
    assert (fast_gradient - gradient).norm() < 1e-3 * gradient.norm()


def test_weights_changed_by_a_move_are_transformed_anew(picture: Tensor) -> None:
    """Rounded to bfloat16 and back they are other weights."""
    picture, network = F.interpolate(picture, size=(70, 90)), load("vgg19")
    before = network(picture, ["relu3_4"])["relu3_4"]
    rounded = network.to(dtype=torch.bfloat16).to(dtype=torch.float32)
    after = rounded(picture, ["relu3_4"])["relu3_4"]
    assert (before - after).abs().max() > 1e-3 * before.max()
