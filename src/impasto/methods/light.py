"""How broadly the light of a style varies: no more so than the photo's.

What style losses compare tells how much of a style is bright sky and how much dark ground, and not where. A photo that
is light and dark in its details alone, a heron in the reeds, has no place for a sky, and burns out where the search
finds it one. So before the painting begins the broad light of such a style is evened out, until its share in all that
lightness varies is that of the photo's. Strokes, and all that is small, stay as they are.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.engine.regions import Region, parts
from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.images.packing import packed, unpacked
from impasto.images.resize import averaged, scaled, size_of
from impasto.images.strips import strips
from impasto.methods.scene import Scene

_CELLS = 20
"""Broad is what varies between squares of which so many lie side by side in a square of the photo's area."""
_LEAST = 0.4
"""What is always left of a style's broad light: a painting should be known by it."""
_LOOKED_AT = 512
"""Rows, and columns, of a picture that are looked at, about."""


def evenly_lit(scene: Scene) -> Scene:
    """The scene, its styles' light as broad as the photo's at most.

    A style of which somebody chose a part stays as it is, and all do where the content does not count.
    """
    if not scene.settings.content_weight:
        return scene
    cell = sqrt(scene.content.shape[2] * scene.content.shape[3]) / _CELLS
    styles = dict(scene.styles)
    for number, style in styles.items():
        if all(region.there[number] is None for region in scene.regions):
            styles[number] = _evened(style, scene.content, _painted(scene.regions, number), cell)
    return replace(scene, styles=styles)


def _painted(regions: Sequence[Region], number: int) -> Tensor | None:
    """Where the picture is painted from the style of that number, (1, 1, H, W); None for everywhere."""
    masks = [here for here, _ in parts(regions, number)]
    found = [mask for mask in masks if mask is not None]
    return torch.stack(found).sum(0) if len(found) == len(masks) and found else None


def _evened(style: Tensor, photo: Tensor, where: Tensor | None, cell: float) -> Tensor:
    """A style (1, 3, h, w), packed, next to a photo (1, 3, H, W), of which the part `where` counts.

    With b and d the variances of lightness between cells and within them, a factor k for what differs between the
    style's makes k² b / d what the photo has: the share is the photo's then.
    """
    seen, broad, fine = _light(style, None, cell)
    _, photos_broad, photos_fine = _light(photo, where, cell)
    factor = ((photos_broad * fine) / (photos_fine * broad)).nan_to_num(1.0).sqrt().clamp(_LEAST, 1)
    if factor == 1:
        return style
    added = (factor - 1) * (seen - seen.mean())
    result = torch.empty_like(style)
    for rows in strips(*style.shape[2:]):
        colors = srgb_to_oklab(unpacked(style[:, :, rows]))
        colors[:, :1] += _enlarged(added, rows, size_of(style))
        result[:, :, rows] = packed(oklab_to_srgb(colors))
    return result


def _light(picture: Tensor, where: Tensor | None, cell: float) -> tuple[Tensor, Tensor, Tensor]:
    """The lightness of a picture's cells (1, 1, rows, columns), its variance between them, and that within them."""
    down, right = (-(-side // _LOOKED_AT) for side in picture.shape[2:])
    light = srgb_to_oklab(unpacked(picture[:, :, ::down, ::right]))[:, :1].double()
    counts = torch.ones_like(light) if where is None else where[:, :, ::down, ::right].to(light)
    height, width = scaled(size_of(picture), 1 / cell)
    size = min(height, light.shape[2]), min(width, light.shape[3])
    share = averaged(counts, size)
    cells = averaged(light * counts, size) / share.clamp_min(1e-12)
    mean = (cells * share).sum() / share.sum()
    between = ((cells - mean) ** 2 * share).sum() / share.sum()
    everywhere = ((light - mean) ** 2 * counts).sum() / counts.sum()
    return cells, between, (everywhere - between).clamp_min(0)


def _enlarged(cells: Tensor, rows: slice, shape: tuple[int, int]) -> Tensor:
    """Some rows of cells (1, 1, h, w) enlarged to a picture of that shape, smoothly."""
    height, width = shape
    down = (torch.arange(rows.start, rows.stop) + 0.5) / height * 2 - 1
    right = (torch.arange(width) + 0.5) / width * 2 - 1
    places = torch.stack(torch.meshgrid(right, down, indexing="xy"), -1)[None]  # (1, rows, width, 2): x, y
    return F.grid_sample(cells.float(), places, mode="bicubic", padding_mode="border", align_corners=False)
