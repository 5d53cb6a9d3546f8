"""How the picture is made."""

from typing import Annotated, Literal

from pydantic import Field

from impasto.settings.base import Name, Settings


class PainterSettings(Settings):
    """What paints in one pass."""

    painter: Name = ""
    """Network that paints in one pass, a FILE that impasto train made. Default: the one that comes with impasto."""


class MethodSettings(PainterSettings):
    """How the picture is made."""

    method: Literal["iterative", "feedforward"] = "iterative"
    """Search for the picture step by step (iterative), or paint it in one pass of a network (feedforward)."""

    brushes: Annotated[int, Field(ge=1, le=6)] = 3
    """Sizes of strokes in one pass: it paints at so many sizes of the picture, each half of the next, the smallest
    first."""
