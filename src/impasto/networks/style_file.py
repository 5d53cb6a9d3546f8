"""A style as a few thousand numbers: what a network that paints in one pass knows of a picture, in a file."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from impasto.errors import WeightsError
from impasto.networks.weights import notes

_FORMAT = "impasto style 1"
_MOST = 2**24
"""Bytes: no style takes as much."""


@dataclass(frozen=True)
class SavedStyle:
    """What a network knows of a style, seen at several sizes."""

    painter: str
    """The fingerprint of the network: to any other one these numbers mean nothing."""
    about: str
    """Who made the picture, and what it is called."""
    looks: Mapping[int, Tensor]
    """Numbers (1, N) as `engine.looks.vector` gives them, by the side in pixels of a square of the picture's area."""

    def at(self, side: float) -> Tensor:
        """The look (1, N) at a size: that of the nearest sizes, in between mixed."""
        sides = sorted(self.looks)
        side = min(max(side, sides[0]), sides[-1])
        below, above = max(each for each in sides if each <= side), min(each for each in sides if each >= side)
        share = math.log(side / below) / math.log(above / below) if above > below else 0.0
        return torch.lerp(self.looks[below], self.looks[above], share)

    def file(self) -> bytes:
        """The content of a file, in 16 bits."""
        told = {"format": _FORMAT, "painter": self.painter, "about": self.about}
        return safetensors.torch.save({str(side): look.half().contiguous() for side, look in self.looks.items()}, told)


def load_style(path: Path, painter: str, count: int) -> SavedStyle:
    """The style in a file, for the network with the fingerprint `painter`, which has `count` numbers for a look.

    Raises `WeightsError` for a file that is not there, is of another kind or for another network, or is damaged.
    """
    if not path.is_file():
        raise WeightsError(f"there is no style {str(path)!r}. Make it: impasto style save PICTURE -o {path.name}")
    told = style_notes(path)
    if told.get("painter") != painter:
        raise WeightsError(
            f"{str(path)!r} was saved for another network that paints. Save it again from its picture, with impasto "
            "style save."
        )
    damaged = WeightsError(f"{str(path)!r} is damaged: save it again, with impasto style save.")
    try:
        looks = {int(side): look.float() for side, look in safetensors.torch.load(path.read_bytes()).items()}
    except (OSError, SafetensorError, ValueError) as error:
        raise damaged from error
    shapes = all(look.shape == (1, count) and bool(look.isfinite().all()) for look in looks.values())
    if not looks or min(looks) < 1 or not shapes:
        raise damaged
    return SavedStyle(painter, told.get("about", ""), looks)


def style_notes(path: Path) -> dict[str, str]:
    """What a file says of its style: `painter` and `about`. Raises `WeightsError` for a file of another kind."""
    told = notes(path)
    if told.get("format") != _FORMAT or path.stat().st_size > _MOST:
        raise WeightsError(
            f"{str(path)!r} holds no style. Make one from a picture: impasto style save PICTURE -o FILE.style"
        )
    return told
