"""VGG-16 and VGG-19, the networks whose features style transfer was found with.

Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition", table 1, columns
D and E, without the classifier. One departure: every convolution repeats what is at the border, where the paper pads
with zeros. A network takes zeros for a dark frame around the picture, which then gets painted as colored fringes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn

from impasto.networks.convolution import RectifiedConvolution
from impasto.networks.features import NetworkSpec, check_layers
from impasto.settings.networks import Pooling

CENTER = 0.5
"""Subtracted from the pixels, so that their error in bfloat16 is smallest where most pixels are."""


@dataclass(frozen=True)
class Architecture:
    """Which convolutions there are."""

    blocks: tuple[int, ...]
    """Convolutions in each block; each block ends in a pooling that halves the picture."""
    widths: tuple[int, ...] = (64, 128, 256, 512, 512)
    """Channels of each block."""


VGG16 = Architecture((2, 2, 3, 3, 3))
VGG19 = Architecture((2, 2, 4, 4, 4))


@dataclass(frozen=True)
class ConvolutionSpec:
    """One convolution of an architecture: its place, and the shape of its weights."""

    block: int
    """From 1."""
    index: int
    """Within the block, from 1."""
    order: int
    """Within the network, from 0."""
    shape: tuple[int, int, int, int]
    """(channels out, channels in, 3, 3)."""

    @property
    def name(self) -> str:
        """Of its weights, such as `conv4_2`."""
        return f"conv{self.block}_{self.index}"

    @property
    def layer(self) -> str:
        """Of its rectified features, such as `relu4_2`."""
        return f"relu{self.block}_{self.index}"


def convolutions(architecture: Architecture) -> Iterator[ConvolutionSpec]:
    """The convolutions in the order of the forward pass."""
    order, channels = 0, 3
    for block, (count, width) in enumerate(zip(architecture.blocks, architecture.widths, strict=True), start=1):
        for index in range(1, count + 1):
            yield ConvolutionSpec(block, index, order, (width, channels, 3, 3))
            order, channels = order + 1, width


def vgg_spec(architecture: Architecture, name: str, pooling: Pooling = "max", **source: Any) -> NetworkSpec:
    """The spec of a network called `name`; `source` are the fields that tell where the weights come from."""
    sizes: dict[str, int] = {}
    kept: dict[str, float] = {}
    reach: dict[str, int] = {}
    total = 0.0
    far = 0
    for convolution in convolutions(architecture):
        out = convolution.shape[0]
        stride = 2 ** (convolution.block - 1)
        total += out / stride**2
        far += stride
        sizes[convolution.layer], kept[convolution.layer], reach[convolution.layer] = stride, total, far
        if convolution.index == architecture.blocks[convolution.block - 1]:
            pool, pooled = f"pool{convolution.block}", out / (2 * stride) ** 2
            total += 2 * pooled if pooling == "max" else 0  # an int64 index beside each maximum
            sizes[pool], kept[pool], reach[pool] = 2 * stride, total + pooled, far
    return NetworkSpec(
        name=name,
        layers=tuple(sizes),
        content_layers=("relu4_2",),
        style_layers=tuple(f"relu{block}_1" for block in range(1, 6)),
        smallest_size=sizes,
        memory_per_pixel=kept,
        reach=reach,
        **source,
    )


class Vgg(nn.Module):
    """A VGG network as a `FeatureNetwork`: frozen, in channels_last, with its layers named `relu1_1` to `pool5`.

    `weights` hold `convB_I.weight` (out, in, 3, 3) and `convB_I.bias` (out,) for each `reluB_I` of `spec.layers`;
    the first convolution takes RGB in [0, 1] minus `CENTER`. The widths are those of the weights.
    """

    spec: NetworkSpec

    def __init__(self, spec: NetworkSpec, weights: Mapping[str, Tensor], pooling: Pooling = "max") -> None:
        super().__init__()
        self.spec = spec
        self.steps = nn.ModuleDict({name: _step(name, weights, pooling) for name in spec.layers})
        self.requires_grad_(False).eval()

    def forward(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Features (B, C, h, w) by layer name of `image` (B, 3, H, W) in [0, 1], in the network's own precision.

        Runs as far as the deepest of `layers`. Raises `SettingsError` for a layer that is not there.
        """
        return dict(self.each(image, layers))

    def each(self, image: Tensor, layers: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """The same, one after the other while it runs."""
        check_layers(self.spec, layers)
        dtype = next(self.parameters()).dtype
        x = (image - CENTER).to(dtype=dtype, memory_format=torch.channels_last)
        for name, step in self._way_to(layers):
            x = step(x)
            if name in layers:
                yield name, x

    def _way_to(self, layers: Sequence[str]) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
        """What leads to the deepest of `layers`, each step with the layer that comes out of it."""
        names = [*self.steps]
        names = names[: 1 + max(map(names.index, layers), default=-1)]
        while names:
            name, *names = names
            step = self.steps[name]
            if name not in layers and names and isinstance(self.steps[names[0]], nn.MaxPool2d):
                name, *names = names
                yield name, cast(RectifiedConvolution, step).pooled
            elif isinstance(step, RectifiedConvolution):
                yield name, partial(step, shown=name in layers)
            else:
                yield name, step


def _step(layer: str, weights: Mapping[str, Tensor], pooling: Pooling) -> nn.Module:
    """What leads from the layer before to this one."""
    if layer.startswith("pool"):
        return nn.MaxPool2d(2) if pooling == "max" else nn.AvgPool2d(2)
    name = layer.replace("relu", "conv")
    return RectifiedConvolution(weights[f"{name}.weight"], weights[f"{name}.bias"])
