"""Where to paint, and from where in the style."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from impasto.settings.base import Name, Settings


def several(value: object) -> object:
    """A single name as a list of one."""
    return (value,) if isinstance(value, str | Path) else value


class RegionSettings(Settings):
    """Where to paint, and from where in the style."""

    mask: Name = ""
    """Where to paint: a gray FILE, where it is light; a map in pure colors, whose regions are painted from those of the
    same colors in --style-mask; or auto, which finds regions that belong together."""

    style_mask: Annotated[tuple[Name, ...], BeforeValidator(several)] = ()
    """A FILE for each style, in their order: what is gray or colored as in the mask is painted from what is there."""

    protect: Name = ""
    """Keep nearer to the photo: faces, or what is light in a gray FILE."""
