"""Write a picture to a file, whole or not at all."""

from pathlib import Path

import pyvips
import torch
from torch import Tensor

from impasto.errors import OutputError, SettingsError
from impasto.images.atomic import check_replaceable, replace_file
from impasto.images.formats import FORMATS, Format, format_to_write
from impasto.images.packing import unpacked
from impasto.images.picture import Picture, quantize, srgb_profile
from impasto.images.record import pack
from impasto.settings import FileSettings

_SCREEN = 72 / 25.4
"""Pixels a millimeter of a picture that was never meant for paper: libvips would say one, and print by the meter."""


def check_writable(path: str | Path, settings: FileSettings, longest: int = 1) -> None:
    """Asks, before any work is done, whether `write` could write a picture of that longest side; leaves nothing behind.

    Raises `SettingsError` for an ending that names no format, or one that does not hold `settings.depth`, `OutputError`
    for one that does not hold the size, and for a folder that is not there or not writable.
    """
    format = _format(Path(path), settings)
    if longest > format.longest:
        raise OutputError(
            f"{format.name} holds {format.longest} pixels a side, not {longest} ({str(path)!r}). Write .png or .tif."
        )
    check_replaceable(path)


def write(picture: Picture, path: str | Path, settings: FileSettings, record: str = "") -> Path:
    """Writes the picture in the format that the ending of `path` names, with an sRGB profile. Returns the path.

    Values are rounded to the nearest of `settings.depth` bits. JPEG has no transparency: there the picture lies on
    white. `record` goes into the metadata, where `read_record` finds it. An old file is replaced only by a whole new
    one.

    Raises `SettingsError` as `check_writable` does, `OutputError` where the format or the disk cannot hold it.
    """
    path = Path(path)
    format = _format(path, settings)
    return replace_file(path, _encoded(picture, path, format, settings, record))


def _format(path: Path, settings: FileSettings) -> Format:
    format = format_to_write(path)
    if settings.depth == 16 and not format.deep:
        deep = " or ".join(other.suffixes[0] for other in FORMATS if other.deep)
        raise SettingsError(f"depth 16 does not fit into {format.name} ({str(path)!r}). Write {deep}, or set depth 8.")
    return format


def _channels(picture: Picture, format: Format) -> Tensor:
    """(1, 3, H, W), or (1, 4, H, W) where picture and format both have alpha; else the picture lies on white."""
    if picture.alpha is None:
        return picture.pixels
    pixels = unpacked(picture.pixels)
    if format.alpha:
        return torch.cat([pixels, picture.alpha], dim=1)
    return pixels * picture.alpha + (1 - picture.alpha)


def _encoded(picture: Picture, path: Path, format: Format, settings: FileSettings, record: str) -> bytes:
    image = pyvips.Image.new_from_array(quantize(_channels(picture, format), settings.depth))
    density = picture.density or _SCREEN
    image = image.copy(interpretation="rgb16" if settings.depth == 16 else "srgb", xres=density, yres=density)
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", srgb_profile())
    if record:
        image.set_type(pyvips.GValue.blob_type, "xmp-data", pack(record))
    try:
        return bytes(image.write_to_buffer(format.suffixes[0], **format.save_options(settings)))
    except pyvips.Error as error:
        reason = (error.detail.strip() or error.message).splitlines()[-1]
        raise OutputError(
            f"{str(path)!r}: {image.width} × {image.height} pixels do not go into {format.name} ({reason}). "
            "Write a .png or .tif."
        ) from error
