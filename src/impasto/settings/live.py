"""How frames are painted as they come."""

from typing import Annotated

from pydantic import Field

from impasto.settings.compute import ComputeSettings
from impasto.settings.method import PainterSettings


class LiveSettings(ComputeSettings, PainterSettings):
    """How frames are painted as they come."""

    size: Annotated[int, Field(ge=64, le=4096)] = 384
    """Longer side of the painting in pixels: smaller is faster."""

    strength: Annotated[float, Field(ge=0, le=1)] = 0.8
    """How much of the style: 0 is the picture as it comes, 1 all style."""
