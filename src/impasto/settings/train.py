"""How a network that paints in one pass is trained."""

from typing import Annotated, Literal

from pydantic import Field

from impasto.settings.base import Name, Settings


class TrainSettings(Settings):
    """How a network that paints in one pass is trained."""

    loss_network: Name = "student"
    """What content and style are compared by: a network's name, or a file."""

    start: Name = "auto"
    """Network to begin with: a FILE, shipped for the one that comes with impasto, or none; auto takes that one where
    there is a single style, and else none."""

    parts: Literal["all", "hand"] = "all"
    """What learns: all of the network, or only the hand, by which each style changes how it paints."""

    steps: Annotated[int, Field(ge=1, le=100_000_000)] = 20_000
    """Steps of training; over them the rate falls to zero."""

    hours: Annotated[float, Field(gt=0)] | None = None
    """End after so many hours instead, if that is sooner; the rate falls to zero in time."""

    batch: Annotated[int, Field(ge=1, le=1024)] = 4
    """Pairs of a photo and a painting in a step."""

    side: Annotated[int, Field(ge=64, le=1024, multiple_of=16)] = 128
    """Width and height of a piece of a picture in pixels."""

    rate: Annotated[float, Field(gt=0, le=1)] = 0.003
    """How far a step moves the weights at most, as a multiple of about a tenth of their own size."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Seed of all chance."""
