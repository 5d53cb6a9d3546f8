"""Input conventions, worked by hand."""

import pytest
import torch
from networks.files import torchvision_state
from torch import Tensor

from impasto.networks.layouts import NotVggError, recognize
from impasto.networks.vgg import CENTER, VGG16, VGG19, convolutions


def first(weights: dict[str, Tensor], rgb: tuple[float, float, float]) -> Tensor:
    """The first channel of conv1_1 where the picture has one color only."""
    pixels = torch.tensor(rgb).view(3, 1, 1) - CENTER
    return (weights["conv1_1.weight"][0] * pixels).sum() + weights["conv1_1.bias"][0]


@pytest.fixture
def weights(vgg16_weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The first channel looks at the middle pixel: 1 of the first input, 10 of the second, 100 of the third, and 7."""
    kernel, bias = torch.zeros(64, 3, 3, 3), torch.zeros(64)
    kernel[0, :, 1, 1], bias[0] = torch.tensor([1.0, 10.0, 100.0]), 7.0
    return vgg16_weights | {"conv1_1.weight": kernel, "conv1_1.bias": bias}


def test_plain(weights: dict[str, Tensor]) -> None:
    _, folded = recognize(weights, "any")
    assert first(folded, (0.1, 0.2, 0.3)) == pytest.approx(0.1 + 2 + 30 + 7)


def test_torchvision(weights: dict[str, Tensor]) -> None:
    """One standard deviation above the mean in red, at the mean in green, one below in blue."""
    state = {key.removeprefix("features."): tensor for key, tensor in torchvision_state(weights).items()}
    _, folded = recognize(state, "any")
    assert first(folded, (0.485 + 0.229, 0.456, 0.406 - 0.225)) == pytest.approx(1 - 100 + 7, abs=1e-4)


def test_caffe(weights: dict[str, Tensor]) -> None:
    """Its first input is blue: 104.939 is 1 above its mean, 117.779 of green too, 125.68 of red is 2 above."""
    state = {key.replace("conv", "block", 1).replace("_", "_conv", 1): tensor for key, tensor in weights.items()}
    _, folded = recognize(state, "any")
    assert first(folded, (125.68 / 255, 117.779 / 255, 104.939 / 255)) == pytest.approx(1 + 10 + 200 + 7, abs=1e-3)


def test_the_deeper_weights_are_untouched(weights: dict[str, Tensor]) -> None:
    architecture, folded = recognize(weights, "any")
    assert architecture == VGG16
    assert folded.keys() == weights.keys()
    assert all(torch.equal(folded[key], weights[key]) for key in weights if not key.startswith("conv1_1"))


def test_vgg19_without_its_last_convolution_is_not_taken_for_vgg16() -> None:
    state = {f"{c.name}.weight": torch.zeros(c.shape) for c in convolutions(VGG19)}
    state |= {f"{c.name}.bias": torch.zeros(c.shape[0]) for c in convolutions(VGG19)}
    del state["conv5_4.weight"]
    with pytest.raises(NotVggError, match=r"^any is neither VGG-16 nor VGG-19: it has no 'conv5_4\.weight'$"):
        recognize(state, "any")
