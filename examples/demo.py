"""Paints a sample photo in a style that the project draws: demo.png, and demo-sheet.png with all three side by side.

Neither picture is fetched: the photo comes with scikit-image, the style from `drawn`.
"""

import sys
from pathlib import Path
from typing import Any

from PIL import Image
from skimage import data

import impasto
from drawn import brush_strokes
from impasto.engine.progress import Progress
from impasto.images.sheet import sheet

STRENGTH = 0.7
"""More than the default, which suits portraits as well: a cat bears it."""


def demo(folder: Path, **settings: Any) -> tuple[Path, Path]:
    """Writes both pictures into `folder` and returns their paths; `settings` are those of `impasto.stylize`."""
    photo, style = Image.fromarray(data.chelsea()), brush_strokes()
    result = impasto.stylize(photo, style, on_progress=tell, **settings)
    picture = result.save(folder / "demo.png")
    beside = folder / "demo-sheet.png"
    sheet([("photo", photo), ("style", style), ("impasto", result.image)]).save(beside)
    return picture, beside


def tell(progress: Progress) -> None:
    """One line that is written over at each step."""
    height, width = progress.size
    print(
        f"\rstep {progress.step}/{progress.steps}, {width}x{height}, {progress.remaining:3.0f} s left ",
        end="",
        flush=True,
    )


if __name__ == "__main__":
    picture, beside = demo(Path(), strength=STRENGTH)
    print(f"\nthe picture:  {picture.resolve()}\nside by side: {beside.resolve()}")
    print(f"your own:     {Path(sys.executable).with_name('impasto')} stylize PHOTO PAINTING -o OUT.png")
