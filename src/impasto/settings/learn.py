"""How a network that paints in one pass learns one style."""

from typing import Annotated

from pydantic import Field

from impasto.settings.base import Name, Settings


class LearnSettings(Settings):
    """How a network that paints in one pass learns one style."""

    painter: Name = ""
    """Network that learns, a FILE of impasto train. Default: the one that comes with impasto."""

    loss_network: Name = "student"
    """What content and style are compared by: a network's name, or a file."""

    steps: Annotated[int, Field(ge=1, le=1_000_000)] = 220
    """Steps of training; over them the rate falls to zero."""

    batch: Annotated[int, Field(ge=1, le=1024)] = 2
    """Photos in a step."""

    side: Annotated[int, Field(ge=64, le=1024, multiple_of=16)] = 192
    """Width and height of a piece of a picture in pixels."""

    rate: Annotated[float, Field(gt=0, le=1)] = 0.004
    """How far a step moves a number at most."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Seed of all chance."""
