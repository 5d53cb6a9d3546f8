"""Pictures side by side, with captions: to compare by eye."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from impasto.images.picture import PictureLike, srgb_profile, to_pil
from impasto.images.reading import SMALLEST, read
from impasto.images.writing import write
from impasto.settings import FileSettings, SizeSettings

Cell = tuple[str, PictureLike]
"""A caption, which may have several lines, and what stands above it."""


def sheet(pictures: Sequence[Cell], height: int = 384) -> Image.Image:
    """One `RGB` picture on white: each of the (caption, picture) pairs `height` pixels high, in a row.

    Raises `ImageError` for a picture that cannot be read.
    """
    return grid([pictures], height)


def grid(rows: Sequence[Sequence[Cell]], height: int = 384) -> Image.Image:
    """One `RGB` picture on white: rows of (caption, picture) pairs, each picture `height` pixels high.

    Raises `ImageError` for a picture that cannot be read.
    """
    drawn = [_row(cells, height) for cells in rows]
    paper = Image.new("RGB", (max(row.width for row in drawn), sum(row.height for row in drawn)), "white")
    top = 0
    for row in drawn:
        paper.paste(row, (0, top))
        top += row.height
    paper.info["icc_profile"] = srgb_profile()
    return paper


def in_rows(cells: Sequence[Cell], across: int) -> list[Sequence[Cell]]:
    """The (caption, picture) pairs, so many in a row."""
    return [cells[first : first + across] for first in range(0, len(cells), across)]


def write_sheet(rows: Sequence[Sequence[Cell]], path: Path, height: int = 384) -> None:
    """Writes a `grid` of rows of (caption, picture) pairs.

    Raises `ImpastoError` for a picture that cannot be read, and as `write` does.
    """
    paper = grid(rows, height)
    write(read(paper, SizeSettings(max_megapixels=10_000)), path, FileSettings())


def _row(cells: Sequence[Cell], height: int) -> Image.Image:
    gap, line = max(4, height // 24), max(10, height // 18)
    tiles = [(caption, _tile(picture, height)) for caption, picture in cells]
    lines = max(caption.count("\n") + 1 for caption, _ in tiles)
    width = gap + sum(tile.width + gap for _, tile in tiles)
    paper = Image.new("RGB", (width, height + 3 * gap + round(1.3 * line * lines)), "white")
    draw, left = ImageDraw.Draw(paper), gap
    for caption, tile in tiles:
        paper.paste(tile, (left, gap), tile if tile.mode == "RGBA" else None)
        longest = max(ImageFont.load_default(line).getlength(words) for words in caption.split("\n"))
        font = ImageFont.load_default(max(6, line * min(1, (tile.width + gap / 2) / max(1, longest))))
        middle = (left + tile.width / 2, height + 2 * gap)
        draw.text(middle, caption, fill="#404040", font=font, anchor="ma", align="center")
        left += tile.width + gap
    return paper


def _tile(picture: PictureLike, height: int) -> Image.Image:
    return to_pil(read(picture, SizeSettings(max_megapixels=10_000), partial(_at_height, to=height)))


def _at_height(height: int, width: int, to: int) -> tuple[int, int]:
    return to, max(SMALLEST, round(to * width / height))
