"""Where to paint, and from where in the style."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from impasto.settings.base import Name, Settings

COLORS = {
    "black": (0, 0, 0),
    "white": (1, 1, 1),
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
    "yellow": (1, 1, 0),
    "cyan": (0, 1, 1),
    "magenta": (1, 0, 1),
}
"""The regions that a map may have: a pixel belongs to the nearest, whatever a lossy format did to it."""
_FOUND = ("auto", "faces")
"""Words for regions that are found in the pictures themselves."""


def several(value: object) -> object:
    """A single name as a list of one."""
    return (value,) if isinstance(value, str | Path) else value


Protected = Annotated[Name, AfterValidator(lambda value: "" if value == "none" else value)]
"""What is protected, nothing where it is empty: the word for that is none."""


class RegionSettings(Settings):
    """Where to paint, and from where in the style."""

    mask: Name = ""
    """Where to paint: a gray FILE, where it is light; a map in pure colors, whose regions are painted from those of the
    same colors in --style-mask; or auto, which finds regions that belong together."""

    style_mask: Annotated[tuple[Name, ...], BeforeValidator(several)] = ()
    """A FILE for each style, in their order, each with the flag before it: what is gray or colored as in the mask is
    painted from what is there. Or a COLOR (black, white, red, green, blue, yellow, cyan, magenta): what has it in the
    mask is painted from all of the style."""

    protect: Protected = "faces"
    """Keep nearer to the photo: faces, what is light in a gray FILE, or none. With faces, a search leaves out those of
    the styles where the photo has none. One pass looks for faces only if told."""

    @property
    def drawn(self) -> list[str]:
        """The files, or folders, that somebody drew."""
        styles = [mask for mask in self.style_mask if mask not in COLORS]
        return [mask for mask in (self.mask, *styles, self.protect) if mask and mask not in _FOUND]
