"""What a network is to the rest of impasto: pixels in, named features out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

import torch
from torch import Tensor

from impasto.errors import SettingsError, did_you_mean


@dataclass(frozen=True)
class NetworkSpec:
    """All that is known of a network without running it."""

    name: str
    """As `--content-network` takes it: a registry name, or the path of the file."""
    layers: tuple[str, ...]
    """Names of the layers whose features can be asked for, in the order of the forward pass."""
    content_layers: tuple[str, ...]
    """Layers compared for content where the user names none."""
    style_layers: tuple[str, ...]
    """Layers compared for style where the user names none."""
    smallest_size: dict[str, int] = field(repr=False)
    """Shortest side in pixels, by layer, at which that layer still has a position."""
    memory_per_pixel: dict[str, float] = field(repr=False)
    """float32 numbers kept for the backward pass, a pixel of the input, when the forward pass ends at that layer: the
    most there may be, whatever else is looked at on the way."""
    reach: dict[str, int] = field(default_factory=dict, repr=False)
    """How far, in pixels, a feature of a layer sees beyond the square that is its own, whose side is `smallest_size`;
    empty for a network that must be shown whole pictures."""
    weights: str = ""
    """Where the weights are, or would be: a path or an address."""
    size_bytes: int = 0
    """Size of the weights file."""
    sha256: str = ""
    """Its checksum; empty for a user's own file."""
    license: str = ""
    """Of the weights, as their source states it."""
    teacher: str = ""
    """Name of the network that this one has learned to stand in for."""


class FeatureNetwork(Protocol):
    """A frozen network. `network(image, layers)` runs it just as far as the deepest layer asked for."""

    spec: NetworkSpec

    def __call__(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Features (B, C, h, w) by layer name, of pixels (B, 3, H, W) in [0, 1], in the network's own precision."""

    def each(self, image: Tensor, layers: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """The same, one layer after the other while it runs: who is done with one need not keep it."""

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """The same network elsewhere, or in another precision."""


def check_layers(spec: NetworkSpec, names: Iterable[str]) -> None:
    """Raises `SettingsError`, with the nearest right name, where the network has no layer of one of these names."""
    if isinstance(names, str):  # each of its letters would be one
        raise SettingsError(f"layers: a list of names, please: [{names!r}].")
    for name in names:
        if name not in spec.layers:
            raise SettingsError(f"{spec.name} has no layer {name!r}.{did_you_mean(name, spec.layers)}")
