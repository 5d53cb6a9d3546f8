"""What a network that paints has learned of one style: small changes of its decoder, in some forty thousand numbers.

E. Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models", section 4.1, for convolutions: the matrix of a
convolution's weights, a row for each channel that comes out, is changed by a product of two thin ones.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn

from impasto.networks.feedforward import FeedForward
from impasto.networks.hand import PaintingConvolution

Adaptation = Mapping[str, Tensor]
"""By the name of a convolution with `.thin` (rank, in * height * width) and `.wide` (out, rank), whose product its
weights are changed by; by the name of a bias, or of a level's noise, what is added to it."""

RANK = 4
_DECODER = ("paint", "up", "keep", "leave")
_THIN, _WIDE = ".thin", ".wide"


def begun(network: FeedForward, chance: torch.Generator) -> dict[str, Tensor]:
    """An adaptation to begin with, which changes nothing yet; `chance` says in which directions it looks first."""
    found = {}
    for name, weight in _convolutions(network):
        rows, columns = weight.shape[0], weight[0].numel()
        found[name + _THIN] = torch.randn(RANK, columns, dtype=torch.float32, generator=chance) * columns**-0.5
        found[name + _WIDE] = torch.zeros(rows, RANK)
    added = (name for name in dict(network.named_parameters()) if _is_added(name))
    return found | {name: torch.zeros_like(network.get_parameter(name)) for name in added}


def sizes(network: FeedForward) -> dict[str, torch.Size]:
    """The shape of every part of an adaptation of this network."""
    return {name: part.shape for name, part in begun(network, torch.Generator()).items()}


def vector(adaptation: Adaptation) -> Tensor:
    """An adaptation as numbers (1, N): its parts one after the other, by their names in the order of the alphabet."""
    return torch.cat([adaptation[name].flatten() for name in sorted(adaptation)])[None]


def from_vector(network: FeedForward, numbers: Tensor) -> dict[str, Tensor]:
    """The adaptation of this network that `numbers` (1, N) are of."""
    shapes = sorted(sizes(network).items())
    parts = torch.split(numbers[0], [shape.numel() for _, shape in shapes])
    return {name: part.view(shape) for (name, shape), part in zip(shapes, parts, strict=True)}


def changed(network: FeedForward, adaptation: Adaptation, share: float | Tensor = 1.0) -> dict[str, Tensor]:
    """The parameters that an adaptation changes, changed to a share, a number or (1,), with a gradient in all of it.

    Noise is changed wholly: it belongs to the look of the style, which has a share of its own.
    """
    found = {}
    for name, weight in _convolutions(network):
        change = adaptation[name + _WIDE] @ adaptation[name + _THIN]
        found[f"{name}.weight"] = weight + share * change.view(weight.shape)
    for name, part in adaptation.items():
        if _is_added(name):
            found[name] = network.get_parameter(name) + (1.0 if name.startswith("noise") else share) * part
    return found


@torch.no_grad()
def adapted(
    network: FeedForward, adaptations: Iterable[tuple[Adaptation, float]], hand: Tensor | None = None
) -> FeedForward:
    """A network that paints with a hand (1, N, 1), and as several adaptations say, each to its share.

    It shares with the other one what it sees by.
    """
    kept = [part for name, part in network.named_children() if name not in (*_DECODER, "noise")]
    copy = deepcopy(network, {id(part): part for part in kept})
    for adaptation, share in adaptations:
        for name, value in changed(copy, adaptation, share).items():
            copy.get_parameter(name).copy_(value)
    if hand is not None:
        for part in copy.modules():
            if isinstance(part, PaintingConvolution):
                part.weight.add_(part.change(hand))
    device = next(network.parameters()).device
    for name in _DECODER:
        copy.get_submodule(name).to(device)  # what was made of the old weights is out of date
    return copy


def _convolutions(network: FeedForward) -> list[tuple[str, Tensor]]:
    """Names and weights of the decoder's convolutions."""
    found = ((name, part) for name, part in network.named_modules() if isinstance(part, nn.Conv2d))
    return [(name, part.weight) for name, part in found if name.partition(".")[0] in _DECODER]


def _is_added(name: str) -> bool:
    part = name.partition(".")[0]
    return part == "noise" or (part in _DECODER and name.endswith(".bias"))
