"""The convolutions of VGG as other software names and feeds them -> as `Vgg` takes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

from torch import Tensor

from impasto.errors import WeightsError
from impasto.networks.vgg import CENTER, VGG16, VGG19, Architecture, ConvolutionSpec, convolutions


class NotVggError(WeightsError):
    """The file was read, but what is in it is neither VGG-16 nor VGG-19."""


@dataclass(frozen=True)
class Convention:
    """What a first convolution was trained on: (RGB in [0, 1] - mean) / std, then perhaps turned to BGR."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    bgr: bool


PLAIN = Convention((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), bgr=False)
TORCHVISION = Convention((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), bgr=False)
CAFFE = Convention((123.68 / 255, 116.779 / 255, 103.939 / 255), (1 / 255, 1 / 255, 1 / 255), bgr=True)


@dataclass(frozen=True)
class Layout:
    """How one kind of file names a convolution, and what it feeds to the first."""

    name: Callable[[ConvolutionSpec], str]
    convention: Convention


LAYOUTS = (
    Layout(lambda c: c.name, PLAIN),
    # torchvision counts every ReLU and every pooling before it
    Layout(lambda c: f"{2 * c.order + c.block - 1}", TORCHVISION),
    Layout(lambda c: f"block{c.block}_conv{c.index}", CAFFE),
    # Keras 3 numbers the layers of a class
    Layout(lambda c: f"conv2d_{c.order}" if c.order else "conv2d", CAFFE),
)


def recognize(found: Mapping[str, Tensor], source: object) -> tuple[Architecture, dict[str, Tensor]]:
    """The architecture, `VGG16` or `VGG19`, and the weights as `Vgg` takes them.

    `found` holds `NAME.weight` (out, in, 3, 3) and `NAME.bias` (out,), named as in one of `LAYOUTS`. Raises
    `NotVggError` where a convolution is missing, is too many or has another shape, `WeightsError` where a number is
    not finite; `source` is the file's name in their message.
    """
    architecture, layout = _nearest(found)
    weights: dict[str, Tensor] = {}
    for convolution in convolutions(architecture):
        name = layout.name(convolution)
        for part, shape in (("weight", convolution.shape), ("bias", convolution.shape[:1])):
            weights[f"{convolution.name}.{part}"] = _checked(found, f"{name}.{part}", shape, source)
    if extra := _named(found) - _names(architecture, layout):
        raise NotVggError(f"{source} is neither VGG-16 nor VGG-19: it has a convolution {min(extra)!r} more")
    _fold(weights, layout.convention)
    return architecture, weights


def _nearest(found: Mapping[str, Tensor]) -> tuple[Architecture, Layout]:
    """The architecture and layout whose names differ least from those found."""
    return min(product((VGG16, VGG19), LAYOUTS), key=lambda kind: len(_names(*kind) ^ _named(found)))


def _names(architecture: Architecture, layout: Layout) -> set[str]:
    return {layout.name(convolution) for convolution in convolutions(architecture)}


def _named(found: Mapping[str, Tensor]) -> set[str]:
    return {
        key.removesuffix(".weight") for key, tensor in found.items() if key.endswith(".weight") and tensor.ndim == 4
    }


def _checked(found: Mapping[str, Tensor], name: str, shape: tuple[int, ...], source: object) -> Tensor:
    if name not in found:
        raise NotVggError(f"{source} is neither VGG-16 nor VGG-19: it has no {name!r}")
    if tuple(found[name].shape) != shape:
        wanted, got = ("x".join(map(str, sizes)) for sizes in (shape, found[name].shape))
        raise NotVggError(f"{source} is neither VGG-16 nor VGG-19: {name!r} should be {wanted} and is {got}")
    tensor = found[name].float()  # after its shape: a file of bytes can hold one that repeats a number any times
    if not tensor.sum().isfinite():  # a sum hides no NaN and no infinity, and is much the fastest look at them
        raise WeightsError(f"{source} is damaged: {name!r} holds numbers that are not finite; fetch the file again")
    return tensor


def _fold(weights: dict[str, Tensor], convention: Convention) -> None:
    """Makes the first convolution take RGB minus `CENTER`: exact at the border too, where pixels are repeated."""
    weight, bias = weights["conv1_1.weight"], weights["conv1_1.bias"]
    mean, std = (weight.new_tensor(numbers).view(1, 3, 1, 1) for numbers in (convention.mean, convention.std))
    weight = (weight.flip(1) if convention.bgr else weight) / std  # (64, 3, 3, 3), RGB
    weights["conv1_1.weight"] = weight
    weights["conv1_1.bias"] = bias + (weight * (CENTER - mean)).sum(dim=(1, 2, 3))
