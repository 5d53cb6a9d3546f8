"""Paints the pictures of the manual: photos that scikit-image ships, in styles that are drawn or come with impasto.

    python examples/gallery.py docs/images [NAME...]

Some minutes for all of them on two processor cores. Photos: a cat by S. van der Walt, a cup by R. Michetti, a rocket by
SpaceX (all CC0), E. Collins by NASA (public domain).
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from skimage import data

import impasto
from drawn import brush_strokes, ink_wash, mosaic, woodcut
from impasto.images.sheet import Cell, grid, in_rows

CAT, CUP = Image.fromarray(data.chelsea()), Image.fromarray(data.coffee())
ROCKET, FACE = Image.fromarray(data.rocket()), Image.fromarray(data.astronaut())
NAMES = (
    "starry-night",
    "eiffel-tower",
    "naruto-whirlpools",
    "water-lilies",
    "mad-tea-party",
    "wheat-field",
    "composition-vii",
    "udnie",
    "jellyfish",
)
"""Of styles that come with impasto."""
SIZE = 448
"""Longer side in pixels of each picture."""
HEIGHT = 224
"""Of the pictures on a sheet."""
QUALITY = 88
"""Of the JPEG."""


def painted(photo: Image.Image, *styles: Any, **settings: Any) -> Image.Image:
    return impasto.stylize(photo, *styles, size=SIZE, **settings).image


def strength() -> list[Cell]:
    """The dial, one painting."""
    style, values = brush_strokes(), (0.2, 0.4, 0.6, 0.8)
    return [("the style", style), *((f"strength {value}", painted(CUP, style, strength=value)) for value in values)]


def named() -> list[Cell]:
    """Some of the styles that come with impasto, in one pass."""
    return [("the photo", CAT), *((name, painted(CAT, name, preset="fast")) for name in NAMES)]


def drawn() -> list[Cell]:
    """Kinds of pictures, and below them what a search makes of them; at first, what one pass does."""
    photo = ImageOps.fit(ROCKET, (ROCKET.height, ROCKET.height))  # square, as the styles are
    styles = {"oil": brush_strokes(), "ink": ink_wash(), "mosaic": mosaic(), "woodcut": woodcut()}
    given: list[Cell] = [("the photo", photo), *((f"style: {name}", style) for name, style in styles.items())]
    quick = ("oil, in one pass", painted(photo, styles["oil"], preset="fast"))
    return [*given, quick, *((name, painted(photo, style)) for name, style in styles.items())]


def control() -> list[Cell]:
    """Brushes, colors, faces."""
    style = brush_strokes()
    cases: dict[str, dict[str, Any]] = {
        "strength 0.65": {},
        "style-scale 0.5": {"style_scale": 0.5},
        "style-scale 2": {"style_scale": 2},
        "color content": {"color": "content"},
        "protect none": {"protect": "none"},
    }
    return [(name, painted(FACE, style, strength=0.65, **each)) for name, each in cases.items()]


SHEETS: dict[str, tuple[Callable[[], list[Cell]], int]] = {
    "strength": (strength, 5),
    "named": (named, 5),
    "drawn": (drawn, 5),
    "control": (control, 5),
}
"""How each is made, and how many pictures stand in a row."""


def gallery(folder: Path, names: Iterable[str] = SHEETS) -> Iterator[Path]:
    """Writes the sheets of these names, and tells of each."""
    for name in names:
        cells, across = SHEETS[name]
        path = folder / f"{name}.jpg"
        grid(in_rows(cells(), across), HEIGHT).save(path, quality=QUALITY)
        yield path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SHEETS)}; else all")
    options = parser.parse_args()
    for path in gallery(options.folder, options.names or SHEETS):
        print(path, flush=True)
