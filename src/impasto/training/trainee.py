"""A student while everything in it can change."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.networks.student import LAYERS, architecture
from impasto.networks.vgg import CENTER, VGG19, ConvolutionSpec, convolutions


class Trainee(nn.Module):
    """A student's convolutions and lifts, scaled so that every number in them is about 1.

    So one length of step suits them all: weights are `matrices` times `gains`, lifted features are in units of the
    teacher's own `spreads`.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.convolutions = [*convolutions(architecture(widths))]
        taught = {c.layer: c.shape[0] for c in convolutions(VGG19) if c.layer in LAYERS}
        self.matrices = nn.ParameterDict({c.name: torch.zeros(c.shape[0], 9 * c.shape[1]) for c in self.convolutions})
        self.biases = nn.ParameterDict({c.name: torch.zeros(c.shape[0]) for c in self.convolutions})
        self.lifts = nn.ParameterDict(
            {c.layer: torch.zeros(taught[c.layer], c.shape[0]) for c in self.convolutions if c.layer in LAYERS}
        )
        for c in self.convolutions:
            self.register_buffer(f"gain_{c.name}", torch.ones(()))
        for layer in LAYERS:
            self.register_buffer(f"spread_{layer}", torch.ones(()))

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Lifted features (B, C, h, w) of each of `LAYERS`, in units of the teacher's spread, of `image` in [0, 1]."""
        x = centered(image)
        lifted = {}
        for convolution in self.convolutions:
            x = self.step(x, convolution)
            if convolution.layer in LAYERS:
                lifted[convolution.layer] = F.conv2d(x, self.lifts[convolution.layer][:, :, None, None])
        return lifted

    def step(self, x: Tensor, convolution: ConvolutionSpec) -> Tensor:
        """The features of one convolution, of those `x` (B, C, h, w) of the one before."""
        weight = self.weight(convolution).contiguous(memory_format=torch.channels_last)
        return F.relu(F.conv2d(bordered(x, convolution), weight, self.biases[convolution.name]))

    def weight(self, convolution: ConvolutionSpec) -> Tensor:
        """(out, in, 3, 3)."""
        weight: Tensor = self.get_buffer(f"gain_{convolution.name}") * self.matrices[convolution.name]
        return weight.view(convolution.shape)

    def set_weight(self, convolution: ConvolutionSpec, weight: Tensor, bias: Tensor) -> None:
        """Takes over a weight (out, in, 3, 3) and a bias (out,)."""
        gain = weight.square().mean().sqrt()
        self.get_buffer(f"gain_{convolution.name}").copy_(gain)
        self.matrices[convolution.name].data.copy_(weight.flatten(1) / gain)
        self.biases[convolution.name].data.copy_(bias)

    def spread(self, layer: str) -> Tensor:
        """What the teacher's features of this layer are divided by, a scalar."""
        return self.get_buffer(f"spread_{layer}")

    def weights(self) -> dict[str, Tensor]:
        """As `networks.student.Student` takes them."""
        found = {}
        for convolution in self.convolutions:
            found[f"{convolution.name}.weight"] = self.weight(convolution)
            found[f"{convolution.name}.bias"] = self.biases[convolution.name]
        for layer, lift in self.lifts.items():
            found[f"{layer}.lift"] = self.spread(layer) * lift
        return {name: tensor.detach().contiguous() for name, tensor in found.items()}


def centered(image: Tensor) -> Tensor:
    """Pixels in [0, 1] as the first convolution takes them."""
    return (image - CENTER).contiguous(memory_format=torch.channels_last)


def bordered(x: Tensor, convolution: ConvolutionSpec) -> Tensor:
    """What goes into a convolution: halved where a block begins, with its border repeated."""
    if convolution.index == 1 and convolution.order:
        x = F.max_pool2d(x, 2)
    return F.pad(x, (1, 1, 1, 1), mode="replicate")
