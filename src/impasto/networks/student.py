"""A compact student of VGG-19: the same layers, seen through a quarter of the channels, for a fraction of the work.

Wang et al. 2020, "Collaborative Distillation for Ultra-Resolution Universal Style Transfer": beside every layer that
losses look at, training keeps a lift, a matrix that turns the student's channels into the teacher's. Departure: losses
never see lifted features. A lift L is Q R, with orthonormal columns in Q: R turns the student's features into numbers
that are as few as before, and among which all distances, angles and products are those of the lifted ones. So a Gram
matrix of 48 channels stands for the teacher's of 128, and costs a seventh.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.errors import WeightsError
from impasto.networks.features import NetworkSpec, check_layers
from impasto.networks.vgg import VGG19, Architecture, Vgg, convolutions, vgg_spec
from impasto.networks.weights import says
from impasto.settings.networks import Pooling

BLOCKS = (2, 2, 4, 4, 1)
"""Convolutions of the teacher that the student repeats: all up to relu5_1."""
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "relu5_1")
"""What is lifted, and can be asked for."""


SHIPPED = Path(__file__).with_name("student.safetensors")
"""The weights that are part of impasto."""
_MARK = {"format": "impasto student 2"}
"""What files say of themselves."""
_STEPS = 127
"""From zero to the largest number of a channel's weights, in a file."""
_SCALE = ".scale"
"""What the name of that number ends with, after the weight's."""


class Student(nn.Module):
    """A student as a `FeatureNetwork`. Its features have the geometry of the teacher's, not their single channels.

    `weights` hold `convB_I.weight` (out, in, 3, 3) and `convB_I.bias` (out,) of every convolution, and `reluB_I.lift`
    (teacher's channels, out) of each layer of `LAYERS`.
    """

    spec: NetworkSpec

    def __init__(self, spec: NetworkSpec, weights: Mapping[str, Tensor], pooling: Pooling = "max") -> None:
        super().__init__()
        self.spec = spec
        self.trunk = Vgg(vgg_spec(architecture(widths_of(weights)), spec.name, pooling), weights, pooling)
        for layer in LAYERS:
            _, basis = torch.linalg.qr(weights[f"{layer}.lift"].double())
            self.register_buffer(layer, basis.to(weights["conv1_1.weight"]))

    def forward(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Features (B, C, h, w) by layer name of `image` (B, 3, H, W) in [0, 1], in the network's own precision.

        Runs as far as the deepest of `layers`. Raises `SettingsError` for a layer that is not there.
        """
        return dict(self.each(image, layers))

    def each(self, image: Tensor, layers: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """The same, one after the other while it runs."""
        check_layers(self.spec, layers)
        for layer, features in self.trunk.each(image, layers):
            yield layer, _mixed(features, self.get_buffer(layer))


def _mixed(features: Tensor, basis: Tensor) -> Tensor:
    """A convolution by one position, as a matrix product: much the faster of the two in channels_last."""
    return F.linear(features.permute(0, 2, 3, 1), basis).permute(0, 3, 1, 2)


def architecture(widths: Sequence[int]) -> Architecture:
    """A student's, with so many channels in each block."""
    return Architecture(BLOCKS, tuple(widths))


def student_spec(widths: Sequence[int], name: str, pooling: Pooling = "max", **source: Any) -> NetworkSpec:
    """The spec of a student called `name`; `source` are the fields that tell where its weights come from."""
    trunk = vgg_spec(architecture(widths), name, pooling, teacher="vgg19", **source)
    return replace(
        trunk,
        layers=LAYERS,
        smallest_size={layer: trunk.smallest_size[layer] for layer in LAYERS},
        memory_per_pixel={layer: trunk.memory_per_pixel[layer] for layer in LAYERS},
        reach={layer: trunk.reach[layer] for layer in LAYERS},
    )


def student_file(weights: Mapping[str, Tensor]) -> bytes:
    """The content of a file of weights: convolutions in 8 bits, with a scale for each channel, the rest in 16."""
    kept: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        if tensor.ndim == 4:
            scale = tensor.abs().amax((1, 2, 3), keepdim=True).clamp_min(1e-12) / _STEPS
            kept |= {name: (tensor / scale).round().to(torch.int8), _scale(name): scale}
        else:
            kept[name] = tensor.half()
    return safetensors.torch.save(kept, _MARK)


def is_student(path: Path) -> bool:
    """Whether the file says that it holds a student; what cannot be read does not."""
    return says(path, _MARK)


def student_weights(content: bytes, path: Path) -> dict[str, Tensor]:
    """The weights in the bytes of the file at `path` as `Student` takes them, in float32.

    Raises `WeightsError` where one is missing, has another shape than the others ask for, or is not finite.
    """
    try:
        found = {name: tensor.float() for name, tensor in safetensors.torch.load(content).items()}
    except Exception as error:  # damaged bytes can make a parser raise anything
        raise WeightsError(f"{path} cannot be read as weights ({type(error).__name__}): it is damaged") from error
    shapes = _shapes(found)
    if missing := shapes.keys() - found.keys():
        raise WeightsError(f"{path} is no whole student: it has no {min(missing)!r}; get or train it again")
    for name, shape in shapes.items():
        if tuple(found[name].shape) != shape:
            wanted, got = ("x".join(map(str, sizes)) for sizes in (shape, found[name].shape))
            raise WeightsError(f"{path} is no whole student: {name!r} should be {wanted} and is {got}")
        if not found[name].sum().isfinite():
            raise WeightsError(f"{path} is damaged: {name!r} holds numbers that are not finite; get or train it again")
    return {name: found[name] * found.get(_scale(name), 1) for name in shapes if not name.endswith(_SCALE)}


def _scale(weight: str) -> str:
    return f"{weight}{_SCALE}"


def _shapes(found: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """What shape each of a file's tensors should have, by the widths that the biases found tell of."""
    shapes: dict[str, tuple[int, ...]] = {}
    own_and_taught = (convolutions(architecture(widths)) for widths in (widths_of(found), VGG19.widths))
    for own, taught in zip(*own_and_taught, strict=True):
        weight, channels = f"{own.name}.weight", own.shape[:1]
        shapes |= {weight: own.shape, _scale(weight): (*channels, 1, 1, 1), f"{own.name}.bias": channels}
        if own.layer in LAYERS:
            shapes[f"{own.layer}.lift"] = (taught.shape[0], own.shape[0])
    return shapes


def widths_of(weights: Mapping[str, Tensor]) -> tuple[int, ...]:
    """Channels of each block; 0 where its first bias is missing."""
    biases = [weights.get(f"conv{block}_1.bias") for block in range(1, len(BLOCKS) + 1)]
    return tuple(0 if bias is None else bias.numel() for bias in biases)
