"""VGG against a second implementation, and what its spec promises."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from networks import reference
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional as F

from impasto.errors import SettingsError
from impasto.networks import load, winograd
from impasto.networks.vgg import VGG16, VGG19, Architecture, Vgg, convolutions, vgg_spec
from impasto.networks.weights import bundled_path


@pytest.fixture(scope="module")
def vgg19() -> Vgg:
    return load("vgg19")


@pytest.fixture
def narrow() -> Vgg:
    """VGG-16 with four channels everywhere, in float64."""
    generator = torch.Generator().manual_seed(1)
    weights = {}
    for convolution in convolutions(VGG16):
        into = 4 if convolution.order else 3
        weights[f"{convolution.name}.weight"] = torch.randn(4, into, 3, 3, generator=generator) * 0.3
        weights[f"{convolution.name}.bias"] = torch.randn(4, generator=generator) * 0.1
    return Vgg(vgg_spec(VGG16, "narrow"), weights, "average").to(dtype=torch.float64)


@pytest.mark.parametrize(("pooling", "reduce"), [("max", np.max), ("average", np.mean)])
def test_default_weights_agree_with_numpy(picture: Tensor, pooling: str, reduce: object) -> None:
    """The file's own numbers, fed as its authors did: BGR in 0..255 less the mean of ImageNet."""
    state = torch.load(bundled_path(), weights_only=True)
    weights = {}
    for convolution in convolutions(VGG19):
        key = f"block{convolution.block}_conv{convolution.index}"
        weight = state[f"{key}_W_table"].double().numpy()[state[f"{key}_W_q"].numpy()]
        weights[convolution.name] = weight, state[f"{key}_b"].double().numpy()
    bgr = 255 * picture[0].double().numpy()[::-1] - np.array([103.939, 116.779, 123.68])[:, None, None]
    expected = reference.vgg(bgr, weights, reduce)

    network = load("vgg19", pooling)
    features = network(picture, [layer for layer in network.spec.layers if layer.startswith("relu")])

    assert [layer.replace("relu", "conv") for layer in features] == list(expected)
    for layer, feature in features.items():
        wanted = expected[layer.replace("relu", "conv")]
        assert feature.shape[1:] == wanted.shape
        np.testing.assert_allclose(feature[0].numpy(), wanted, atol=1e-4 * wanted.max(), err_msg=layer)


def test_a_uniform_picture_has_uniform_first_features(vgg19: Vgg) -> None:
    """No border: this is what padding with zeros would break."""
    feature = vgg19(torch.full((1, 3, 9, 7), 0.8), ["relu1_1"])["relu1_1"]
    torch.testing.assert_close(feature, feature[:, :, 4:5, 3:4].expand_as(feature), rtol=1e-5, atol=1e-4)


def test_deeper_layers_leave_the_returned_ones_alone(vgg19: Vgg, picture: Tensor) -> None:
    alone = {layer: vgg19(picture, [layer])[layer] for layer in vgg19.spec.layers}
    together = vgg19(picture, vgg19.spec.layers)
    assert list(together) == list(vgg19.spec.layers)
    for layer in alone:
        assert torch.equal(alone[layer], together[layer]), layer
    assert torch.equal(together["pool3"], F.max_pool2d(together["relu3_4"], 2))


def test_average_pooling_is_the_mean_of_four(vgg19: Vgg, picture: Tensor) -> None:
    features = load("vgg19", "average")(picture, ["relu1_2", "pool1"])
    torch.testing.assert_close(features["pool1"], F.avg_pool2d(features["relu1_2"], 2))
    assert torch.equal(features["relu1_2"], vgg19(picture, ["relu1_2"])["relu1_2"])


def test_pictures_of_a_batch_do_not_mix(vgg19: Vgg, picture: Tensor) -> None:
    both = vgg19(torch.cat([picture, picture.flip(3)]), ["relu3_1"])["relu3_1"]
    torch.testing.assert_close(both[1:], vgg19(picture.flip(3), ["relu3_1"])["relu3_1"], rtol=1e-4, atol=1e-2)


def test_bfloat16_is_close_to_float32(picture: Tensor) -> None:
    layers = ["relu1_1", "relu3_1", "relu5_1"]
    exact = load("vgg19")(picture, layers)
    rough = load("vgg19").to(dtype=torch.bfloat16)(picture, layers)
    for layer in layers:
        assert rough[layer].dtype == torch.bfloat16
        error = (rough[layer].float() - exact[layer]).norm() / exact[layer].norm()
        assert error < 0.02, (layer, error)


def test_weights_and_features_are_channels_last(vgg19: Vgg, picture: Tensor) -> None:
    for weight in vgg19.parameters():
        assert weight.ndim == 1 or weight.is_contiguous(memory_format=torch.channels_last)
    assert vgg19(picture, ["relu4_2"])["relu4_2"].is_contiguous(memory_format=torch.channels_last)


def test_gradient_reaches_the_pixels_and_only_them(narrow: Vgg) -> None:
    image = torch.rand(1, 3, 8, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(2)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: tuple(narrow(x, ["relu1_2", "relu3_1"]).values()), image)
    narrow(image, ["relu3_1"])["relu3_1"].sum().backward()
    assert image.grad is not None
    assert all(weight.grad is None and not weight.requires_grad for weight in narrow.parameters())


@pytest.mark.parametrize("layer", ["relu1_1", "relu2_2", "pool2", "relu3_1", "pool5"])
def test_smallest_size_is_the_smallest(narrow: Vgg, layer: str) -> None:
    size = narrow.spec.smallest_size[layer]
    assert narrow(torch.zeros(1, 3, size, size), [layer])[layer].shape == (1, 4, 1, 1)
    if size > 1:
        with pytest.raises(RuntimeError):
            narrow(torch.zeros(1, 3, size - 1, size), [layer])


def bytes_kept(network: Vgg, layers: Sequence[str], side: int) -> int:
    """Of the tensors that the backward pass from `layer` holds, each counted once."""
    weights = {weight.data_ptr() for weight in network.parameters()}
    kept = {}

    def keep(tensor: Tensor) -> Tensor:
        if tensor.data_ptr() not in weights:
            kept[tensor.data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        seen = network(torch.zeros(1, 3, side, side, requires_grad=True), layers)
        for features in seen.values():
            features.square()
    return sum(kept.values())


def rectified_up_to(network: Vgg, layer: str) -> list[str]:
    layers = network.spec.layers[: network.spec.layers.index(layer) + 1]
    return [each for each in layers if each.startswith("relu")]


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("layer", ["relu1_1", "relu2_1", "pool2", "relu4_2", "relu5_1"])
def test_memory_is_what_autograd_keeps(pooling: str, layer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all that is rectified is looked at, by direct convolutions, which is the most; by the second difference,
    since borders grow with the side: a (96^2 - 2 * 64^2 + 32^2) = 2048 a.
    """
    monkeypatch.setattr(winograd, "pays", lambda *_: False)
    network = load("vgg19", pooling)
    layers = [*rectified_up_to(network, layer), layer]
    small, middle, large = (bytes_kept(network, layers, side) for side in (32, 64, 96))
    assert (large - 2 * middle + small) / 2048 == 4 * network.spec.memory_per_pixel[layer]


def test_layers_that_nobody_looks_at_keep_next_to_nothing() -> None:
    network = load("vgg19")
    assert bytes_kept(network, ["relu5_1"], 64) < 0.4 * bytes_kept(network, rectified_up_to(network, "relu5_1"), 64)


def test_features_and_gradients_are_the_same_whichever_others_are_looked_at(vgg19: Vgg) -> None:
    picture = torch.rand(1, 3, 37, 50, generator=torch.Generator().manual_seed(3), requires_grad=True)
    alone, all_of_them = vgg19(picture, ["relu4_1"])["relu4_1"], vgg19(picture, vgg19.spec.layers)["relu4_1"]
    assert torch.equal(alone, all_of_them)
    pull = torch.rand(alone.shape, generator=torch.Generator().manual_seed(4))
    gradients = [torch.autograd.grad(features, picture, pull)[0] for features in (alone, all_of_them)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize(("architecture", "count"), [(VGG16, 13), (VGG19, 16)])
def test_layers_are_those_of_the_paper(architecture: Architecture, count: int) -> None:
    spec = vgg_spec(architecture, "any")
    assert sum(layer.startswith("relu") for layer in spec.layers) == count == sum(architecture.blocks)
    assert spec.content_layers == ("relu4_2",)
    assert spec.style_layers == ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    assert {*spec.content_layers, *spec.style_layers} <= set(spec.layers)
    assert [spec.smallest_size[layer] for layer in spec.style_layers] == [1, 2, 4, 8, 16]


def test_an_unknown_layer_is_named_with_the_nearest(vgg19: Vgg, picture: Tensor) -> None:
    with pytest.raises(SettingsError, match=r"^vgg19 has no layer 'relu41'\. Did you mean 'relu4_1'\?$"):
        vgg19(picture, ["relu1_1", "relu41"])


def test_no_layer_asked_for_is_none_given(vgg19: Vgg, picture: Tensor) -> None:
    assert vgg19(picture, []) == {}
