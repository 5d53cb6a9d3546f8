"""Pictures side by side, with captions: to compare by eye."""

from collections.abc import Sequence
from functools import partial

from PIL import Image, ImageDraw, ImageFont

from impasto.images.picture import PictureLike, srgb_profile, to_pil
from impasto.images.reading import read
from impasto.settings import SizeSettings


def sheet(pictures: Sequence[tuple[str, PictureLike]], height: int = 384) -> Image.Image:
    """One `RGB` picture on white: each of the (caption, picture) pairs `height` pixels high, in a row.

    Raises `ImageError` for a picture that cannot be read.
    """
    gap, line = max(4, height // 24), max(10, height // 18)
    tiles = [(caption, _tile(picture, height)) for caption, picture in pictures]
    width = gap + sum(tile.width + gap for _, tile in tiles)
    paper = Image.new("RGB", (width, height + 3 * gap + line), "white")
    draw, font, left = ImageDraw.Draw(paper), ImageFont.load_default(line), gap
    for caption, tile in tiles:
        paper.paste(tile, (left, gap), tile if tile.mode == "RGBA" else None)
        draw.text((left + tile.width / 2, height + 2 * gap), caption, fill="#404040", font=font, anchor="ma")
        left += tile.width + gap
    paper.info["icc_profile"] = srgb_profile()
    return paper


def _tile(picture: PictureLike, height: int) -> Image.Image:
    return to_pil(read(picture, SizeSettings(), partial(_at_height, to=height)))


def _at_height(height: int, width: int, to: int) -> tuple[int, int]:
    return to, max(1, round(to * width / height))
