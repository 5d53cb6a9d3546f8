"""Any libvips image, of whatever color space, size and orientation, as a `Picture` of the size wanted."""

import pyvips
import torch

from impasto.errors import ImageError
from impasto.images.bleed import bleed
from impasto.images.color import linear_to_srgb
from impasto.images.picture import Picture, srgb_profile
from impasto.images.resize import resize
from impasto.images.strips import strips

_ALPHA_MAX = {"uchar": 255.0, "ushort": 65535.0}
"""What opaque is, by the format of the numbers; 1 for floats."""


def oriented_shape(image: pyvips.Image) -> tuple[int, int]:
    """(height, width) as the picture is meant to be seen, read from the header alone."""
    lying = image.get_typeof("orientation") and 5 <= image.get("orientation") <= 8
    return (image.width, image.height) if lying else (image.height, image.width)


def decode(image: pyvips.Image, shape: tuple[int, int]) -> Picture:
    """The picture at `shape` = (height, width). It shrinks in linear light and grows in sRGB.

    Raises `ImageError` where a value is not a number, `pyvips.Error` where the file is damaged.
    """
    upright = oriented_shape(image) == (image.height, image.width)
    light = _shrink(_linear_light(image), shape if upright else shape[::-1])
    array = light.copy_memory().autorot().numpy()  # (H, W, 3 or 4)
    height, width, bands = array.shape
    channels = torch.empty(1, bands, height, width)
    for rows in strips(height, width):
        strip = torch.from_numpy(array[rows]).permute(2, 0, 1)
        if not strip.isfinite().all():
            raise ImageError("it holds values that are not finite numbers. Export it again.")
        channels[0, :, rows] = strip.clamp(0, 1)
        channels[:, :3, rows] = linear_to_srgb(channels[:, :3, rows])
    del array
    if bands == 3:
        return Picture(resize(channels, shape))
    pixels, alpha = channels[:, :3].contiguous(), channels[:, 3:].contiguous()
    return Picture(resize(bleed(pixels, alpha), shape), resize(alpha, shape))


def _linear_light(image: pyvips.Image) -> pyvips.Image:
    """Three bands of linear sRGB light, nominally in [0, 1], and a fourth of alpha in [0, 1] where there is alpha."""
    color = _explained_by_profile(image.extract_band(0, n=image.bands - 1) if image.hasalpha() else image)
    if color.format in ("float", "double"):
        color = color if color.bands >= 3 else color.extract_band(0).bandjoin([color.extract_band(0)] * 2)
        light = color.extract_band(0, n=3).copy(interpretation="scrgb")
    else:
        light = color.colourspace("scrgb").extract_band(0, n=3)
    if not image.hasalpha():
        return light
    return light.bandjoin((image[image.bands - 1] / _ALPHA_MAX.get(image.format, 1.0)).cast("float"))


def _explained_by_profile(color: pyvips.Image) -> pyvips.Image:
    """sRGB, 16 bit, of the colors that an ICC profile explains, or that are inks; other colors as they are."""
    profile = color.get("icc-profile-data") if color.get_typeof("icc-profile-data") else None
    if color.format not in _ALPHA_MAX or (profile is None and color.interpretation != "cmyk"):
        return color
    if profile == srgb_profile():  # nothing to convert: impasto's own results stay exact
        return color
    try:
        return color.icc_transform("srgb", embedded=True, intent="relative", depth=16)
    except pyvips.Error:  # a broken profile, or one for another kind of picture
        return color


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
