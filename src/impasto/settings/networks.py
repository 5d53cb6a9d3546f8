"""Which networks look at the pictures, and at which of their layers."""

import math
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator

from impasto.settings.base import Name, Settings, comma_list, readable

_LARGEST = 1e6
"""Weight of a layer: the sum of some that are much larger is more than there are numbers."""


def parse_layers(text: str) -> dict[str, float]:
    """`"relu1_1:4,relu4_1"` as `{"relu1_1": 4.0, "relu4_1": 1.0}`, in the order written; empty for an empty text.

    Raises `ValueError` where a name is missing, twice there or no text, or a weight is none above 0, up to a million.
    """
    weights: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, number = (piece.strip() for piece in part.partition(":"))
        try:
            weight = float(number) if number else 1.0
        except ValueError:
            weight = math.nan
        if not name or name in weights or not name.isprintable() or not 0 < weight <= _LARGEST:
            raise ValueError(
                "write names with commas between them, each at most once, such as relu1_1:4,relu4_1:1; weights are "
                "numbers above 0, up to a million"
            )
        weights[name] = weight
    return weights


NONE = "none"
"""As a network's name: go without."""


def is_file_name(network: str) -> bool:
    """Whether a network is meant as a file: those with a name of their own have no folder in it, and no ending."""
    return os.sep in network or "/" in network or Path(network).suffix != ""


Layers = Annotated[str, BeforeValidator(comma_list), readable(parse_layers)]
Pooling = Literal["max", "average"]


class NetworkSettings(Settings):
    """Which networks look at the pictures, and at which of their layers."""

    content_network: Name = "vgg19"
    """Network that judges content: a name from `impasto networks`, or a weights file."""

    style_network: Name = "vgg19"
    """Network that judges style: a name from `impasto networks`, or a weights file."""

    content_layers: Layers = ""
    """Layers compared for content, with weights if you like: relu3_1:1,relu4_2:2. Default: the network's own choice."""

    style_layers: Layers = ""
    """Layers compared for style, with weights if you like: relu1_1:4,relu4_1:1. Default: the network's own choice."""

    sketch_network: Name = "student"
    """Network that stands in for VGG-19 in all but the last steps, for a fraction of the time: a name, a file, or none.
    Left out where other networks, layers that it has not learned, or average pooling are asked for."""

    pooling: Pooling = "max"
    """How a VGG network halves its features; average gives softer strokes."""
