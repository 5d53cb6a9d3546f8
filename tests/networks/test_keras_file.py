"""Keras models of other architectures, and Keras' own VGG as a second opinion on ours."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.errors import MissingExtraError, SettingsError, WeightsError
from impasto.networks import load, vgg
from impasto.networks.keras_file import KerasNetwork

os.environ["KERAS_BACKEND"] = "torch"
keras = pytest.importorskip("keras")
layers = keras.layers
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras 3.15 on NumPy 2


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    keras.utils.set_random_seed(0)


def small(*before: Any, size: int | None = None) -> Any:
    """Two convolutions with a stride between them, and a classifier."""
    inputs = keras.Input((size, size, 3))
    x = inputs
    for layer in before:
        x = layer(x)
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="first")(x)
    x = layers.ReLU(name="first_relu")(x)
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="second")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(inputs, layers.Dense(5, name="classes")(x))


def saved(model: Any, path: Path) -> str:
    model.save(path)
    return str(path)


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_features_are_those_of_the_model(name: str, tmp_path: Path, picture: Tensor) -> None:
    model = small()
    network = load(saved(model, tmp_path / name))
    features = network(picture, ["second", "first"])

    assert isinstance(network, KerasNetwork)
    assert list(features) == ["second", "first"]
    pixels = picture.permute(0, 2, 3, 1)
    first = model.get_layer("first")(pixels)
    second = model.get_layer("second")(model.get_layer("first_relu")(first))
    for layer, wanted in {"first": first, "second": second}.items():
        torch.testing.assert_close(features[layer], wanted.detach().permute(0, 3, 1, 2))


def test_its_spec_is_in_its_own_words(tmp_path: Path) -> None:
    path = saved(small(), tmp_path / "model.keras")
    spec = load(path).spec
    assert spec.layers == ("first", "first_relu", "second")
    assert spec.style_layers == ("first_relu", "second")
    assert spec.content_layers == ("first_relu",)
    assert spec.memory_per_pixel == {"first": 4, "first_relu": 8, "second": 8 + 6 / 4}
    assert spec.smallest_size == {"first": 1, "first_relu": 1, "second": 1}
    assert spec.name == spec.weights == path


def test_the_gradient_reaches_the_pixels_and_only_them(tmp_path: Path) -> None:
    network = load(saved(small(), tmp_path / "model.keras"))
    image = torch.rand(1, 3, 6, 8, requires_grad=True)
    network(image, ["second"])["second"].square().sum().backward()
    with torch.no_grad():
        step = 1e-2 * image.grad / image.grad.norm()
        up, down = (network(image + sign * step, ["second"])["second"].square().sum() for sign in (1, -1))
    assert (up - down).item() == pytest.approx(2 * (image.grad * step).sum().item(), rel=0.02)
    assert all(not weight.value.requires_grad for weight in network._model.weights)


@pytest.mark.parametrize(
    "layer", [layers.Rescaling(1 / 255), layers.Normalization(mean=[0] * 3, variance=[255**2] * 3)]
)
def test_a_model_that_scales_its_input_is_fed_0_to_255(layer: Any, tmp_path: Path, picture: Tensor) -> None:
    model, scaling = small(), small(layer)
    scaling.get_layer("first").set_weights(model.get_layer("first").get_weights())
    plain = load(saved(model, tmp_path / "plain.keras"))(picture, ["first"])["first"]
    scaled = load(saved(scaling, tmp_path / "scaling.keras"))(picture, ["first"])["first"]
    torch.testing.assert_close(plain, scaled)


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_sequential_model(name: str, tmp_path: Path, picture: Tensor) -> None:
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            layers.Conv2D(4, 3, name="first"),
            layers.MaxPooling2D(name="pool"),
            layers.GlobalAveragePooling2D(),
        ]
    )
    network = load(saved(model, tmp_path / name))
    assert network.spec.layers == ("first", "pool")
    wanted = model.layers[0](picture.permute(0, 2, 3, 1)).detach().permute(0, 3, 1, 2)
    torch.testing.assert_close(network(picture, ["first"])["first"], wanted)
    assert network.spec.smallest_size["pool"] == 4


def test_bfloat16_is_close_to_float32(tmp_path: Path, picture: Tensor) -> None:
    network = load(saved(small(), tmp_path / "model.keras"))
    exact = network(picture, ["second"])["second"]
    rough = network.to(dtype=torch.bfloat16)(picture, ["second"])["second"]
    assert rough.dtype == torch.bfloat16
    assert (rough.float() - exact).norm() / exact.norm() < 0.01
    assert torch.equal(network.to(dtype=torch.float32)(picture, ["second"])["second"], exact)


def test_an_unknown_layer_is_named_with_the_nearest(tmp_path: Path, picture: Tensor) -> None:
    network = load(saved(small(), tmp_path / "model.keras"))
    with pytest.raises(SettingsError, match=r"has no layer 'frist'\. Did you mean 'first'\?"):
        network(picture, ["frist"])


def test_a_model_of_one_size_is_refused(tmp_path: Path) -> None:
    path = saved(small(size=64), tmp_path / "model.keras")
    with pytest.raises(WeightsError, match=r"takes pictures of shape \(None, 64, 64, 3\): save it again for \(None, N"):
        load(path)


def test_a_model_without_pictures_inside_is_refused(tmp_path: Path) -> None:
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(inputs))
    with pytest.raises(WeightsError, match="has no layer with features"):
        load(saved(model, tmp_path / "model.keras"))


def test_a_model_without_layers_is_refused(tmp_path: Path) -> None:
    inputs = keras.Input((None, None, 3))
    with pytest.raises(WeightsError, match="has no layer with features"):
        load(saved(keras.Model(inputs, inputs), tmp_path / "model.keras"))


def test_a_model_that_needs_larger_pictures_is_refused(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(2, 200)])
    with pytest.raises(WeightsError, match=r"^[^\n]* cannot look at a picture of 128x128 pixels \([^\n]*$"):
        load(saved(model, tmp_path / "model.keras"))


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    model = small()
    model.get_layer("first").set_weights([np.full((3, 3, 3, 4), np.nan)])
    with pytest.raises(WeightsError, match="is damaged: its weights hold numbers that are not finite"):
        load(saved(model, tmp_path / "model.keras"))


def test_code_in_a_model_is_not_run(tmp_path: Path) -> None:
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, layers.Lambda(lambda x: 2 * x)(inputs))
    with pytest.raises(WeightsError, match=r"^Keras cannot load [^\n]*$"):
        load(saved(model, tmp_path / "model.keras"))


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_code_in_a_model_is_not_run_by_a_keras_that_would(name: str, tmp_path: Path, monkeypatch) -> None:
    path = saved(small(), tmp_path / name)
    monkeypatch.setattr(keras, "__version__", "3.10.0")
    monkeypatch.setattr(keras.models, "load_model", lambda *_, **__: pytest.fail("it was loaded"))
    with pytest.raises(MissingExtraError, match=r"Keras 3\.10\.0 may run the code .* -m pip install 'keras>=[\d.]+'$"):
        load(path)


def test_without_keras_the_line_to_type_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(small(), tmp_path / "model.keras")
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingExtraError, match=r"-m pip install 'keras>=[\d.]+'$"):
        load(path)


def test_keras_on_another_backend_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(small(), tmp_path / "model.keras")
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(WeightsError, match=r"^Keras already runs on jax: set KERAS_BACKEND=torch before it starts$"):
        load(path)


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.weights.h5"])
def test_keras_own_vgg16_is_taken_over(name: str, tmp_path: Path, picture: Tensor) -> None:
    """Its weights in our network give its features, away from the border, where the two differ by intent."""
    model = keras.applications.VGG16(weights=None, include_top=False)
    (model.save_weights if "weights" in name else model.save)(tmp_path / name)
    network = load(str(tmp_path / name))
    assert isinstance(network, vgg.Vgg)

    prepared = keras.applications.vgg16.preprocess_input(255 * picture.permute(0, 2, 3, 1).numpy())
    wanted = keras.Model(model.inputs[0], model.get_layer("block2_conv2").output)(prepared).detach().permute(0, 3, 1, 2)
    features = network(picture, ["relu2_2"])["relu2_2"]
    middle = (..., slice(4, -4), slice(4, -4))
    torch.testing.assert_close(features[middle], wanted[middle], rtol=1e-3, atol=1e-3 * wanted.max().item())
