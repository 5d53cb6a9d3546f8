import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.networks import winograd
from impasto.networks.convolution import Convolution, RectifiedConvolution, _Bordered


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("quick", [False, True], ids=["direct", "winograd"])
@pytest.mark.parametrize("size", [(6, 8), (5, 3), (1, 1)])
@pytest.mark.parametrize(("mode", "named"), [("replicate", "replicate"), ("zeros", "constant")])
def test_it_is_what_torch_does_in_three_steps(
    mode: str, named: str, size: tuple[int, int], quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winograd, "pays", lambda *_: quick)
    weight, bias, image = drawn(4, 3, 3, 3), drawn(4), drawn(2, 3, *size).requires_grad_()
    convolution = RectifiedConvolution(weight, bias)
    convolution.padding_mode = mode
    expected = F.conv2d(F.pad(image, (1, 1, 1, 1), mode=named), weight, bias).relu()
    pull = drawn(*expected.shape)
    result = convolution(image)
    torch.testing.assert_close(result, expected)
    gradients = [torch.autograd.grad(each, image, pull)[0] for each in (result, expected)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("quick", [False, True], ids=["direct", "winograd"])
@pytest.mark.parametrize("size", [(6, 8), (5, 3), (2, 2)])
def test_pooled_it_is_what_torch_does_in_four_steps(
    size: tuple[int, int], quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winograd, "pays", lambda *_: quick)
    weight, bias, image = drawn(4, 3, 3, 3), drawn(4), drawn(2, 3, *size).requires_grad_()
    result = RectifiedConvolution(weight, bias).pooled(image)
    expected = F.max_pool2d(F.conv2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), weight, bias).relu(), 2)
    pull = drawn(*expected.shape)
    torch.testing.assert_close(result, expected)
    gradients = [torch.autograd.grad(each, image, pull)[0] for each in (result, expected)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("shown", [False, True])
def test_what_is_not_shown_is_the_same(shown: bool) -> None:
    convolution, image = RectifiedConvolution(drawn(4, 3, 3, 3), drawn(4)), drawn(2, 3, 6, 8).requires_grad_()
    first, second = convolution(image), convolution(image, shown)
    pull = drawn(*first.shape)
    assert torch.equal(first, second)
    assert torch.equal(*(torch.autograd.grad(each, image, pull)[0] for each in (first, second)))


def test_weights_that_change_are_transformed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winograd, "pays", lambda *_: True)
    convolution, image = RectifiedConvolution(drawn(4, 3, 3, 3), drawn(4)), drawn(1, 3, 6, 6)
    exact = convolution(image)
    torch.testing.assert_close(convolution.to(torch.float32)(image.float()), exact.float(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [(6, 8), (5, 3)])
def test_frozen_it_is_what_it_was_while_it_learned(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winograd, "pays", lambda _, weight: not weight.requires_grad)
    convolution, image = Convolution(3, 4).double(), drawn(2, 3, *size)
    learning = convolution(image)
    assert learning.requires_grad
    convolution.requires_grad_(False)
    torch.testing.assert_close(convolution(image), learning)
    asking = convolution(image.requires_grad_())
    torch.testing.assert_close(asking, learning)
    assert asking.requires_grad


def test_weights_that_are_loaded_are_transformed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winograd, "pays", lambda *_: True)
    first, second = (Convolution(3, 4).double().requires_grad_(False) for _ in range(2))
    image = drawn(1, 3, 6, 6)
    assert not torch.equal(first(image), second(image))
    first.load_state_dict(second.state_dict())
    assert torch.equal(first(image), second(image))


@pytest.mark.parametrize("size", [(1, 1), (7, 4), (2, 9)])
def test_the_border_of_graphics_cards_is_the_same_and_keeps_the_layout(size):
    image = torch.randn(2, 5, *size, dtype=torch.float64).contiguous(memory_format=torch.channels_last)
    padded = _Bordered.apply(image)
    assert torch.equal(padded, F.pad(image, (1, 1, 1, 1), mode="replicate"))
    assert padded.is_contiguous(memory_format=torch.channels_last)
    assert torch.autograd.gradcheck(_Bordered.apply, image.requires_grad_())
