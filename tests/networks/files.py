"""Writes VGG weights in the layouts of other software: our names in, their files out."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import h5py
import torch
from safetensors.torch import save_file
from torch import Tensor

from impasto.networks.vgg import VGG16, Architecture, ConvolutionSpec, convolutions

State = Mapping[str, Tensor]
TORCHVISION_VGG16 = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
TORCHVISION_VGG19 = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)


def torchvision_state(weights: State, architecture: Architecture = VGG16) -> dict[str, Tensor]:
    """`features.0.weight` and so on, and the first of the classifier, which is to be passed over."""
    places = TORCHVISION_VGG16 if architecture == VGG16 else TORCHVISION_VGG19
    state = {"classifier.0.weight": torch.zeros(4, 4), "classifier.0.bias": torch.zeros(4)}
    for place, convolution in zip(places, convolutions(architecture), strict=True):
        for part in ("weight", "bias"):
            state[f"features.{place}.{part}"] = weights[f"{convolution.name}.{part}"]
    return state


def write_torch(path: Path, weights: State) -> None:
    torch.save(torchvision_state(weights), path)


def write_torch_legacy(path: Path, weights: State) -> None:
    """The format before torch 1.6, which the official files still have."""
    torch.save(torchvision_state(weights), path, _use_new_zipfile_serialization=False)


def write_torch_bare(path: Path, weights: State) -> None:
    """`model.features.state_dict()`."""
    state = torchvision_state(weights)
    torch.save({key.removeprefix("features."): state[key] for key in state if key.startswith("features.")}, path)


def write_torch_nested(path: Path, weights: State) -> None:
    """A checkpoint of training on several devices."""
    state = {f"module.{key}": tensor for key, tensor in torchvision_state(weights).items()}
    torch.save({"epoch": 3, "state_dict": state}, path)


def write_safetensors(path: Path, weights: State) -> None:
    save_file(torchvision_state(weights), path)


def write_safetensors_ours(path: Path, weights: State) -> None:
    save_file(dict(weights), path)


def write_h5_first(path: Path, weights: State) -> None:
    """As keras-applications published its weights in 2016."""
    _write_hdf5(path, weights, lambda c: [f"{_block(c)}/{_block(c)}_{part}_1:0" for part in "Wb"])


def write_h5_weights(path: Path, weights: State) -> None:
    """Keras 2, `save_weights`."""
    _write_hdf5(path, weights, lambda c: [f"{_block(c)}/{_block(c)}/{part}:0" for part in ("kernel", "bias")])


def write_h5_model(path: Path, weights: State) -> None:
    """A whole model, with moments of its optimizer under the same names."""
    names = ("kernel", "bias")
    _write_hdf5(path, weights, lambda c: [f"model_weights/{_block(c)}/{_block(c)}/{part}" for part in names])
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = "{}"
        file["optimizer_weights/adam/block1_conv1/kernel"] = torch.full((3, 3, 3, 64), 9.0).numpy()


def write_weights_h5(path: Path | io.BytesIO, weights: State) -> None:
    """Keras 3, `save_weights`."""
    _write_hdf5(path, weights, lambda c: [f"layers/conv2d{f'_{c.order}' if c.order else ''}/vars/{i}" for i in (0, 1)])


def write_keras(path: Path, weights: State) -> None:
    """Keras 3, `save`."""
    content = io.BytesIO()
    write_weights_h5(content, weights)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", content.getvalue())


def _block(convolution: ConvolutionSpec) -> str:
    return f"block{convolution.block}_conv{convolution.index}"


def _write_hdf5(path: Path | io.BytesIO, weights: State, names: Callable[[ConvolutionSpec], list[str]]) -> None:
    with h5py.File(path, "w") as file:
        for convolution in convolutions(VGG16):
            kernel, bias = names(convolution)
            file[kernel] = weights[f"{convolution.name}.weight"].permute(2, 3, 1, 0).numpy()
            file[bias] = weights[f"{convolution.name}.bias"].numpy()
        file["layers/dense/vars/0"] = torch.zeros(4, 4).numpy()
