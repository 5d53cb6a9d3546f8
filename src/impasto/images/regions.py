"""Pictures that say where: soft gray masks, and maps whose colors name regions."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.digests import file_state
from impasto.images.picture import PictureLike
from impasto.images.reading import read
from impasto.images.resize import averaged
from impasto.recent import Recent
from impasto.settings import SizeSettings
from impasto.settings.regions import COLORS

Shape = tuple[int, int]
"""(height, width)."""

_COLORFUL = 0.25
"""How far apart a pixel's channels are where it has a color at all..."""
_SPECK = 0.002
"""...and the share of the pixels, below which that, or a color, is taken for a speck of dirt."""
_PURE = 0.2
"""How far from the middle each channel is, at least, in a pixel that was surely meant to have its color."""
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
    corners = {name: 4 * red + 2 * green + blue for name, (red, green, blue) in COLORS.items()}
    red, green, blue = (pixels > 0.5).to(torch.uint8).unbind(1)
    nearest = 4 * red + 2 * green + blue  # (1, H, W): channel by channel, that is the nearest corner of their cube
    pure = nearest[((pixels - 0.5).abs() > _PURE).all(1)].bincount(minlength=8)
    few = _SPECK * nearest.numel()
    there = [name for name, corner in corners.items() if (nearest == corner).sum() > few]
    drawn = [name for name in there if pure[corners[name]] > few or _is_wide(nearest == corners[name], few)] or there
    kept = torch.tensor([corners[name] for name in drawn], dtype=torch.uint8)
    other = ~torch.isin(nearest, kept)
    away = torch.cdist(pixels.permute(0, 2, 3, 1)[other], pixels.new_tensor([COLORS[name] for name in drawn]))
    nearest[other] = kept[away.argmin(1)]
    return {name: (nearest == corners[name])[:, None].float() for name in drawn}


def _is_wide(where: Tensor, few: float) -> bool:
    """Whether more than few pixels of a part (1, H, W) have nothing but it around them: it is no line."""
    return bool((F.max_pool2d((~where).float(), 3, 1, 1) == 0).sum() > few)


def resized_mask(where: Tensor, shape: Shape) -> Tensor:
    """A mask (1, 1, h, w), averaged where it shrinks, and with a soft edge where it grows."""
    smaller = min(where.shape[2], shape[0]), min(where.shape[3], shape[1])
    return F.interpolate(averaged(where, smaller), size=shape, mode="bilinear", align_corners=False)
