"""How frames are painted as they come."""

from typing import Annotated

from pydantic import Field

from impasto.settings.base import Name
from impasto.settings.compute import ComputeSettings


class LiveSettings(ComputeSettings):
    """How frames are painted as they come."""

    size: Annotated[int, Field(ge=64, le=4096)] = 384
    """Longer side of the painting in pixels: smaller is faster."""

    strength: Annotated[float, Field(ge=0, le=1)] = 0.8
    """How much of the style: 0 is the picture as it comes, 1 all style."""

    painter: Name = ""
    """Network that paints in one pass, a FILE that impasto train made; none for the one that comes with impasto."""
