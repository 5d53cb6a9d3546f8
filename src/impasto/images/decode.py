"""Any libvips image, of whatever color space, size and orientation, as a `Picture` of the size wanted."""

import pyvips
import torch
from torch import Tensor

from impasto.errors import ImageError
from impasto.images.bleed import bleed
from impasto.images.color import linear_to_srgb
from impasto.images.picture import Picture, srgb_profile
from impasto.images.resize import resize
from impasto.images.strips import strips

_MOST = {"uchar": 255.0, "ushort": 65535.0}
"""What white and opaque are, by the format of whole numbers; 1 for floats."""

_COLORS = {"b-w": 1, "grey16": 1, "cmyk": 4}
"""Bands of color, by color space; 3 in all others. What comes behind them is alpha first, then what is no color."""

_BRIGHTEST = 2.0
"""The largest float that is light a little too bright, which is cut off, and no number of another scale."""


def oriented_shape(image: pyvips.Image) -> tuple[int, int]:
    """(height, width) as the picture is meant to be seen, read from the header alone."""
    return (image.width, image.height) if _lies(image) else (image.height, image.width)


def _lies(image: pyvips.Image) -> bool:
    """Whether its rows are meant to be seen as columns."""
    return bool(image.get_typeof("orientation")) and 5 <= image.get("orientation") <= 8


def decode(image: pyvips.Image, shape: tuple[int, int]) -> Picture:
    """The picture at `shape` = (height, width). It shrinks in linear light and grows in sRGB.

    Raises `ImageError` where a value is not a number, `pyvips.Error` where the file is damaged.
    """
    array = _shown(image, shape[::-1] if _lies(image) else shape).copy_memory().autorot().numpy()  # (H, W, 3 or 4)
    height, width, bands = array.shape
    channels = torch.empty(1, bands, height, width)
    for rows in strips(height, width):
        channels[0, :, rows] = _values(torch.from_numpy(array[rows]).permute(2, 0, 1))
    del array
    if bands == 3:
        return Picture(resize(channels, shape), density=_density(image))
    pixels, alpha = channels[:, :3].contiguous(), channels[:, 3:].contiguous()
    return Picture(resize(bleed(pixels, alpha), shape), resize(alpha, shape), _density(image))


def _density(image: pyvips.Image) -> float | None:
    """Pixels a millimeter; libvips says 1, or that of a screen, where nothing tells."""
    return image.xres if image.xres == image.yres and image.xres not in (0, 1) else None


def _shown(image: pyvips.Image, shape: tuple[int, int]) -> pyvips.Image:
    """Three bands no larger than `shape`, and a fourth of alpha where there is alpha: linear light of floats.

    Of whole numbers sRGB in 16 bits, as fine as any file has it, which is what it was where nothing shrank; in 8 bits
    where it was that.
    """
    if image.format not in (*_MOST, "float", "double") and image.interpretation != "labs":
        raise ImageError(
            f"its numbers are of a kind ({image.format}) that says not what white is. Export it in 16 bits."
        )
    colors = _COLORS.get(image.interpretation, 3)
    color = _explained_by_profile(image.extract_band(0, n=colors) if image.hasalpha() else image)
    alpha = image[colors] if image.hasalpha() else None
    if color.format == "uchar" and image.height <= shape[0] and image.width <= shape[1]:
        return _joined(color.colourspace("srgb").extract_band(0, n=3), alpha)
    solid = None if alpha is None else (alpha / _MOST.get(image.format, 1.0)).cast("float")
    light = _shrink(_joined(_linear_light(color), solid), shape)
    if image.format not in _MOST:
        return light
    srgb = light.extract_band(0, n=3).copy(interpretation="scrgb").colourspace("rgb16")
    return _joined(srgb, None if alpha is None else (light[3] * _MOST["ushort"]).rint().cast("ushort"))


def _joined(color: pyvips.Image, alpha: pyvips.Image | None) -> pyvips.Image:
    return color if alpha is None else color.bandjoin(alpha)


def _linear_light(color: pyvips.Image) -> pyvips.Image:
    """Three bands of linear sRGB light, nominally in [0, 1]."""
    if color.format not in ("float", "double") or color.interpretation == "lab":
        return color.colourspace("scrgb").extract_band(0, n=3)
    color = color if color.bands >= 3 else color.extract_band(0).bandjoin([color.extract_band(0)] * 2)
    return color.extract_band(0, n=3).copy(interpretation="scrgb")


def _explained_by_profile(color: pyvips.Image) -> pyvips.Image:
    """sRGB, 16 bit, of the colors that an ICC profile explains, or that are inks; other colors as they are."""
    profile = color.get("icc-profile-data") if color.get_typeof("icc-profile-data") else None
    if color.format not in _MOST or (profile is None and color.interpretation != "cmyk"):
        return color
    if profile == srgb_profile():  # nothing to convert: impasto's own results stay exact
        return color
    try:
        return color.icc_transform("srgb", embedded=True, intent="relative", depth=16)
    except pyvips.Error:  # a broken profile, or one for another kind of picture
        return color


def _values(strip: Tensor) -> Tensor:
    """Of pixels (3 or 4, h, w) as they are `_shown`, sRGB in [0, 1].

    Raises `ImageError` where one is not a number, or of another scale.
    """
    if not strip.is_floating_point():
        return strip.float().div_(torch.iinfo(strip.dtype).max)
    if not strip.isfinite().all():
        raise ImageError("it holds values that are not finite numbers. Export it again.")
    if (most := float(strip[:3].max())) > _BRIGHTEST:
        raise ImageError(
            f"its floats go up to {most:.4g}, and 1 is white, in linear light. Divide them by what white is, or export "
            "it in 16 bits."
        )
    within = strip.clamp(0, 1)
    return torch.cat([linear_to_srgb(within[None, :3])[0], within[3:]])


def _shrink(light: pyvips.Image, shape: tuple[int, int]) -> pyvips.Image:
    """`light` no larger than `shape` on either side; what has to grow stays as it is.

    Mitchell's kernel, not Lanczos: in linear light the negative lobes of the latter turn dark edges black.
    """
    vertical, horizontal = min(1.0, shape[0] / light.height), min(1.0, shape[1] / light.width)
    if vertical == horizontal == 1:
        return light
    if light.bands == 3:
        return light.resize(horizontal, vscale=vertical, kernel="mitchell")
    solid = light.premultiply(max_alpha=1).resize(horizontal, vscale=vertical, kernel="mitchell")
    return solid.unpremultiply(max_alpha=1)
