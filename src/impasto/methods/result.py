"""What every method gives back."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from impasto.engine.optimize import Stopped
from impasto.images import Picture, to_pil, write
from impasto.settings import StylizeSettings


@dataclass(frozen=True)
class Result:
    """A finished picture, with all that is known of how it came about."""

    picture: Picture = field(repr=False)
    """Pixels (1, 3, H, W), sRGB in [0, 1], and the content's alpha where it had one.

    Those of a very large one, of 22 million pixels or so, are packed: `images.unpacked` makes what is in [0, 1] of any.
    """
    settings: StylizeSettings
    """The settings of the run."""
    trace: list[dict[str, Any]] = field(repr=False)
    """One entry a step: `step`, `size`, `seconds`, `loss` and `losses` by name."""
    reached: dict[str, Any]
    """The entry of the trace that belongs to the picture: the lowest loss of the last size."""
    stopped: Stopped
    """Why it ended."""
    notes: list[str] = field(default_factory=list)
    """What the user should know, a line each: a recovery from a loss that was not a number, for example."""

    @property
    def image(self) -> Image.Image:
        """The picture as PIL sees it: 8 bit, `RGB` or `RGBA`, with an sRGB profile."""
        return to_pil(self.picture)

    def save(self, path: str | Path) -> Path:
        """Writes the picture in the format that the path's ending names, whole or not at all.

        The settings go into the file's metadata, so that `impasto stylize --like` can repeat them.
        Raises `OutputError` where that cannot be done.
        """
        return write(self.picture, path, self.settings, record=self.settings.model_dump_json())
