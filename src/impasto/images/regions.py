"""Pictures that say where: soft gray masks, and maps whose colors name regions."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.digests import file_state
from impasto.images.picture import PictureLike
from impasto.images.reading import read
from impasto.recent import Recent
from impasto.settings import SizeSettings
from impasto.settings.regions import COLORS

Shape = tuple[int, int]
"""(height, width)."""

_COLORFUL = 0.25
"""How far apart a pixel's channels are where it has a color at all..."""
_SPECK = 0.002
"""...and the share of the pixels, below which that, or a color, is taken for a speck of dirt."""
_PURE = 0.3
"""How far each channel may be from a pure color in a pixel that was surely meant to have it."""
_FAINT = 0.02
"""Light that a mask must have somewhere: a lossy format makes black a little lighter."""
_KEPT, _SMALL = 4, 1 << 21
"""Maps that are kept, at most, and pixels of each."""
_lately: Recent[dict[str, Tensor]] = Recent(_KEPT)


def read_regions(source: PictureLike, settings: SizeSettings, shape: Shape) -> dict[str, Tensor]:
    """Where each region of a map is, (1, 1, H, W) in [0, 1] at `shape`, by the name of its color; together 1.

    `source` is a picture as `read` takes it, of any size, stretched to the shape; what is transparent counts as black.
    A gray one is a soft mask: its light belongs to `white`, the rest to `black`. In a colored one each pixel belongs to
    the nearest of those of eight pure colors that are there.
    A file that was lately read so, and is as it was, is not read again. Raises `ImageError` for a picture that cannot
    be read.
    """
    known = file_state(source) if isinstance(source, str | Path) else None
    key = (*known, shape, settings.max_megapixels) if known and shape[0] * shape[1] <= _SMALL else None
    return _lately.get(key, lambda: _regions(source, settings, shape))


def _regions(source: PictureLike, settings: SizeSettings, shape: Shape) -> dict[str, Tensor]:
    picture = read(source, settings)
    pixels = picture.pixels if picture.alpha is None else picture.pixels * picture.alpha
    colorful = (pixels.amax(1) - pixels.amin(1) > _COLORFUL).float().mean() > _SPECK
    regions = _by_color(pixels) if colorful else _by_light(pixels)
    return {name: resized_mask(where, shape) for name, where in regions.items()}


def _by_light(pixels: Tensor) -> dict[str, Tensor]:
    light = pixels.mean(1, keepdim=True)
    return {name: where for name, where in (("black", 1 - light), ("white", light)) if where.max() > _FAINT}


def _by_color(pixels: Tensor) -> dict[str, Tensor]:
    """Soft edges and lossy formats leave lines of a third color between two, which nobody has drawn."""
    colors = {name: pixels.new_tensor(color).view(1, 3, 1, 1) for name, color in COLORS.items()}
    on = pixels > 0.5  # channel by channel: that is the nearest of all eight
    nearest = {name: (on == color.bool()).all(1, keepdim=True).float() for name, color in colors.items()}
    there = {name: where for name, where in nearest.items() if where.mean() > _SPECK}
    drawn = [name for name, where in there.items() if _is_drawn(pixels, colors[name], where)] or [*there]
    number = torch.stack([(pixels - colors[name]).square().sum(1) for name in drawn]).argmin(0)[:, None]
    return {name: (number == each).float() for each, name in enumerate(drawn)}


def _is_drawn(pixels: Tensor, color: Tensor, where: Tensor) -> bool:
    """Whether the part that is nearest to a color is pure somewhere, or anywhere wider than a line."""
    pure = ((pixels - color).abs().amax(1) < _PURE).float().mean()
    wide = -F.max_pool2d(-where, 3, 1, 1)
    return bool(torch.maximum(pure, wide.mean()) > _SPECK)


def resized_mask(where: Tensor, shape: Shape) -> Tensor:
    """A mask (1, 1, h, w), averaged where it shrinks, and with a soft edge where it grows."""
    smaller = [min(pair) for pair in zip(where.shape[2:], shape, strict=True)]
    averaged = F.interpolate(where, size=smaller, mode="area")
    return F.interpolate(averaged, size=shape, mode="bilinear", align_corners=False)
