"""A style as some thousand numbers: what a network that paints in one pass knows of a picture, in a file."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from impasto.errors import WeightsError
from impasto.networks.adaptation import Adaptation, sizes
from impasto.networks.feedforward import FeedForward
from impasto.networks.weights import notes

_FORMAT = "impasto style 1"
_MOST = 2**24
"""Bytes: no style takes as much."""
_LARGEST_SIDE = 2**20
_LARGEST_NUMBER = 65504.0
"""What 16 bits hold."""
_SCALE, _LIGHT = ".scale", ".light"
_LARGEST, _FAINT = 127, 1e-12


@dataclass(frozen=True)
class SavedStyle:
    """What a network knows of a style, seen at several sizes."""

    painter: str
    """The fingerprint of the network: to any other one these numbers mean nothing."""
    about: str
    """Who made the picture, and what it is called."""
    looks: Mapping[int, Tensor]
    """Numbers (1, N) as `engine.looks.vector` gives them, by the side in pixels of a square of the picture's area."""
    adaptation: Adaptation = field(default_factory=dict)
    """What the network has learned of the style; empty where it has learned nothing."""
    lights: Mapping[int, Tensor] = field(default_factory=dict)
    """Numbers (1, M) as `engine.looks.light_vector` gives them, by the same sides; empty where nobody looked for it."""

    def at(self, side: float) -> Tensor:
        """The look (1, N) at a size: that of the nearest sizes, in between mixed."""
        return _between(self.looks, side)

    def light_at(self, side: float) -> Tensor:
        """The same of what is known of its light, (1, M), where anything is."""
        return _between(self.lights, side)

    def file(self) -> bytes:
        """The content of a file: looks in 16 bits, what was learned in 8 and a scale for each part."""
        told = {"format": _FORMAT, "painter": self.painter, "about": self.about}
        parts = {str(side): look.half().contiguous() for side, look in self.looks.items()}
        parts |= {f"{side}{_LIGHT}": light.half().contiguous() for side, light in self.lights.items()}
        for name, part in self.adaptation.items():
            scale = part.abs().amax().clamp_min(_FAINT) / _LARGEST
            parts |= {name: (part / scale).round().to(torch.int8).contiguous(), name + _SCALE: scale.float()}
        return safetensors.torch.save(parts, told)


def _between(numbers: Mapping[int, Tensor], side: float) -> Tensor:
    sides = sorted(numbers)
    side = min(max(side, sides[0]), sides[-1])
    below, above = max(each for each in sides if each <= side), min(each for each in sides if each >= side)
    share = math.log(side / below) / math.log(above / below) if above > below else 0.0
    return torch.lerp(numbers[below], numbers[above], share)


def load_style(path: Path, painter: FeedForward, look: int, light: int) -> SavedStyle:
    """The style in a file, for a network that paints, which has so many numbers for a look, and for its light.

    Raises `WeightsError` for a file that is not there, is of another kind or for another network, or is damaged.
    """
    if not path.is_file():
        raise WeightsError(f"there is no style {str(path)!r}. Make it: impasto style save PICTURE -o {path.name}")
    told = style_notes(path)
    if told.get("painter") != painter.fingerprint:
        raise WeightsError(
            f"{str(path)!r} was saved for another network that paints. Save it again from its picture, with impasto "
            "style save."
        )
    damaged = WeightsError(f"{str(path)!r} is damaged: save it again, with impasto style save.")
    try:
        parts = safetensors.torch.load(path.read_bytes())
        looks = {int(name): parts.pop(name).float() for name in [*parts] if name.isdecimal()}
        lights = {side: parts.pop(f"{side}{_LIGHT}").float() for side in looks if f"{side}{_LIGHT}" in parts}
        scales = {name: float(parts.pop(name + _SCALE)) for name in [*parts] if name + _SCALE in parts}
        adaptation = {name: parts.pop(name).float() * scale for name, scale in scales.items()}
    except Exception as error:  # damaged bytes can make a parser raise anything
        raise damaged from error
    shapes = all(each.shape == (1, look) for each in looks.values())
    lit = [each.shape for each in lights.values()] in ([], [(1, light)] * len(looks))
    learned = {name: part.shape for name, part in adaptation.items()} in ({}, sizes(painter))
    sides = bool(looks) and all(side in range(1, _LARGEST_SIDE + 1) for side in looks)
    numbers = (*looks.values(), *lights.values(), *adaptation.values())
    bounded = all(bool((part.abs() <= _LARGEST_NUMBER).all()) for part in numbers)
    if parts or not (sides and shapes and lit and learned and bounded):
        raise damaged
    return SavedStyle(painter.fingerprint, told.get("about", ""), looks, adaptation, lights)


def style_notes(path: Path) -> dict[str, str]:
    """What a file says of its style: `painter` and `about`. Raises `WeightsError` for a file of another kind."""
    told = notes(path)
    if told.get("format") != _FORMAT or path.stat().st_size > _MOST:
        raise WeightsError(
            f"{str(path)!r} holds no style. Make one from a picture: impasto style save PICTURE -o FILE.style"
        )
    return told
