"""Pixels -> pixels: a small network that paints any style in one pass.

What it knows of a style are statistics of its own features at three sizes, as Y. Li et al. 2017, "Universal Style
Transfer via Feature Transforms", has them of VGG's. Departures: one small network with its own encoder, trained by
style losses from end to end, instead of five trained to copy; and it is the decoder's features that take on the style's
statistics at the finer sizes, so that each size paints on what the coarser one has painted; filters that a style
changes (`hand`); and noise in the colors of the style at each size, from which strokes grow where the photo shows
nothing (T. Karras et al. 2019, "A Style-Based Generator Architecture", section 3.2).
"""

import hashlib
import os.path
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, TypeVar

import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.errors import WeightsError
from impasto.networks.convolution import Convolution, Pointwise
from impasto.networks.hand import CHANGES, Hand, PaintingConvolution
from impasto.networks.squares import squared, unsquared
from impasto.networks.weights import says, verified

Restyle = Callable[[int, Tensor], Tensor]
"""Gives features (B, C, h, w) of a level, 0 for the finest, the look of a style."""
Convolved = TypeVar("Convolved", bound=nn.Conv2d)

WIDTHS = (32, 64, 128)
"""Channels at a half, a quarter and an eighth of the picture's size."""
LEVELS = len(WIDTHS)
UNIT = 2**LEVELS
"""Sides of a picture are whole multiples of it."""
REACH = 96
"""How far in pixels a square of `UNIT` pixels a side sees beyond its border, at most, where statistics are given; a
multiple of `UNIT`."""
NOISES = 4
"""Channels of noise at each level."""
_BEND = 0.2
"""Slope below zero of the rectifier between levels."""
_NOISE = 0.1
"""Root mean square of its share, to begin with, in the spread of a style's features, for each of its channels."""
SHIPPED = Path(__file__).with_name("painter.safetensors")
"""The network that comes with impasto; painter.md tells of it."""
_SHIPPED_SHA256 = "49950c3b94d3c38d7c3068f631cace32c0fc36570cb66a00c7f262dbf9a3442e"
_MARK = {"format": "impasto feedforward 3"}
"""What files say of themselves."""


class FeedForward(nn.Module):
    """A network that paints, of so many channels at a half, a quarter and an eighth of the picture's size."""

    fingerprint = ""
    """Of the file that it was loaded from: styles that are saved as numbers are for one network."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.enter = _exact(12, fine)
        self.down = nn.ModuleList([_quick(fine, middle, stride=2), _quick(middle, coarse, stride=2)])
        self.look = nn.ModuleList([_Residual(_quick, middle), _Residual(_quick, coarse)])
        painting = [_Residual(_painting, width) for width in (fine, middle, coarse, coarse)]
        self.paint = nn.ModuleList([*painting[:2], _Row(*painting[2:])])
        self.up = nn.ModuleList([_painting(middle, fine), _painting(coarse, middle)])
        """What paints; its changes are the hand's, one convolution's after the other's."""
        self.keep = nn.ModuleList([Pointwise(fine, fine, 1), Pointwise(middle, middle, 1)])
        self.noise = nn.ParameterList([_NOISE * torch.randn(width, NOISES) for width in widths])
        """How noise is mixed into whitened features (C, NOISES), level by level."""
        self.leave = _exact(fine, 12)
        changing = [part for part in self.modules() if isinstance(part, PaintingConvolution)]
        for number, part in enumerate(changing):
            part.own = slice(number * CHANGES, (number + 1) * CHANGES)
        self.hand: Hand | None = Hand(widths, len(changing) * CHANGES)
        """None of a network that paints a single style, and was changed for it once and for all."""
        with torch.no_grad():  # the four pixels of a square begin alike: no grid has to be unlearned
            self.leave.weight.copy_(self.leave.weight[::4].repeat_interleave(4, 0))

    def forward(self, image: Tensor, restyle: Restyle) -> Tensor:
        """The painted picture (B, 3, H, W) of `image` (B, 3, H, W), both in [0, 1]; sides are multiples of `UNIT`."""
        return self.painted(self.encoded(image), restyle)

    def computing(self, dtype: torch.dtype) -> Self:
        """The same network, which from now on may take bfloat16 in its inner convolutions, if that is `dtype`.

        What blocks add to is kept in float32, and so are the convolutions that see and make pixels.
        """
        for part in self.modules():
            if isinstance(part, Convolution):
                part.rounds = dtype == torch.bfloat16
        return self

    @property
    def rounds(self) -> bool:
        """Whether it may take bfloat16."""
        return any(part.rounds for part in self.modules() if isinstance(part, Convolution))

    def painted(self, kept: Sequence[Tensor], restyle: Restyle, hand: Tensor | None = None) -> Tensor:
        """The same of what was `encoded` of a picture.

        `hand` (B, N, 1), where given, says how much each of its changes counts.
        """
        x = self.paint[0](restyle(0, self.before(0, kept, restyle, hand)), hand)
        return unsquared(self.leave(x.relu_()).sigmoid_())

    def before(self, level: int, kept: Sequence[Tensor], restyle: Restyle, hand: Tensor | None = None) -> Tensor:
        """The features (B, C, h, w) that `restyle` is given at a level, after it was given the coarser ones."""
        x = kept[-1]
        for coarser in reversed(range(level + 1, LEVELS)):
            x = self.paint[coarser](restyle(coarser, x), hand)
            small = self.up[coarser - 1](_bent(x), hand).to(x.dtype)
            x = F.interpolate(small, scale_factor=2.0, mode="bilinear").add_(self.keep[coarser - 1](kept[coarser - 1]))
        return x

    def encoded(self, image: Tensor) -> list[Tensor]:
        """Features (B, C, h, w) of each level, finest first: of a style their statistics are its look."""
        seen: list[Tensor] = [self.enter(2 * squared(image) - 1)]
        for down, look in zip(self.down, self.look, strict=True):
            seen.append(look(down(_bent(seen[-1])).to(image.dtype)))
        return seen


class _Residual(nn.Module):
    """Adds to features what two convolutions make of them."""

    def __init__(self, make: Callable[[int, int], Convolution], channels: int) -> None:
        super().__init__()
        self.first, self.second = make(channels, channels), make(channels, channels)
        with torch.no_grad():
            self.second.weight.mul_(0.7)

    def forward(self, x: Tensor, *hand: Tensor | None) -> Tensor:
        added: Tensor = self.second(self.first(x, *hand).relu_(), *hand)
        return x + added


class _Row(nn.Sequential):
    """Blocks one after the other, painted by the same hand."""

    def forward(self, x: Tensor, *hand: Tensor | None) -> Tensor:
        for block in self:
            x = block(x, *hand)
        return x


def _bent(x: Tensor) -> Tensor:
    """What one level gives another: less of what is below zero, but some of it.

    Of a level that is all below zero nothing would be left, and it could not learn to come back.
    """
    return F.leaky_relu(x, _BEND)


def _quick(channels: int, out: int, stride: int = 1) -> Convolution:
    return _begun(Convolution(channels, out, stride))


def _painting(channels: int, out: int) -> Convolution:
    return _begun(PaintingConvolution(channels, out))


def _exact(channels: int, out: int) -> nn.Conv2d:
    """3x3, with the border repeated as everywhere: zeros would paint a frame. Pixels need more than eight bits."""
    return _begun(nn.Conv2d(channels, out, 3, padding=1, padding_mode="replicate"))


def _begun(convolution: Convolved) -> Convolved:
    """The same, with weights that have learned nothing; where they are still to come from a file, none are drawn."""
    if convolution.weight.is_meta:
        return convolution
    nn.init.normal_(convolution.weight, std=(9 * convolution.in_channels) ** -0.5)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return convolution


def feedforward_file(network: FeedForward) -> bytes:
    """The content of a file of weights, in 16 bits."""
    weights = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    return safetensors.torch.save(weights, _MARK)


def load_feedforward(file: str | Path = "") -> FeedForward:
    """The network in a file as `feedforward_file` makes it, or the one that comes with impasto, float32, on the CPU.

    Raises `WeightsError` for a file that is not there or none of this kind, and where weights are missing, do not fit
    together, or are not finite.
    """
    if not file:
        return _network(verified(SHIPPED, _SHIPPED_SHA256, "install impasto again"), SHIPPED)
    path = Path(file)
    if not os.path.isfile(path):
        raise WeightsError(f"there is no file {str(path)!r}. Check the path, or train a network: impasto train.")
    if not says(path, _MARK):
        raise WeightsError(f"{str(path)!r} holds no network that paints. Give one that impasto train made.")
    return _network(path.read_bytes(), path)


def _network(content: bytes, path: Path) -> FeedForward:
    try:
        found = {name: tensor.float() for name, tensor in safetensors.torch.load(content).items()}
        widths = [found[f"{name}.bias"].numel() for name in ("enter", "down.0", "down.1")]
        with torch.device("meta"):  # nothing is drawn at random, only to be overwritten
            network = FeedForward(widths)
        network.load_state_dict(found, assign=True)
        network.fingerprint = hashlib.sha256(content).hexdigest()
    except Exception as error:  # damaged bytes can make a parser raise anything
        raise WeightsError(f"{str(path)!r} cannot be read as a network: get or train it again.") from error
    if not all(tensor.isfinite().all() for tensor in found.values()):
        raise WeightsError(f"{str(path)!r} is damaged, some of its numbers are not finite: get or train it again.")
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]
