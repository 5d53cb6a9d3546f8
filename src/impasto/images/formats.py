"""The file formats that impasto speaks, one row each. Whatever is not in this table never reaches a decoder."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto.errors import SettingsError
from impasto.settings import FileSettings


@dataclass(frozen=True)
class Format:
    """A file format: how to know it, how to read it, how to write it."""

    name: str
    suffixes: tuple[str, ...]
    """Endings of file names, lower case, the usual one first."""
    magic: re.Pattern[bytes]
    """How such a file begins."""
    loader: str
    """libvips operation that reads it."""
    save_options: Callable[[FileSettings], Mapping[str, Any]]
    """What libvips is told when it writes one."""
    writable: bool = True
    """Whether impasto writes it."""
    deep: bool = False
    """Whether it holds 16 bits a channel."""
    alpha: bool = True
    """Whether it holds transparency."""
    longest: int = 10**9
    """Pixels of the longest side that it holds."""


FORMATS = (
    Format(
        "JPEG",
        (".jpg", ".jpeg"),
        re.compile(rb"\xff\xd8\xff"),
        "jpegload_source",
        lambda settings: {"Q": settings.quality, "optimize_coding": True},
        alpha=False,
        longest=65_500,
    ),
    Format(
        "PNG",
        (".png",),
        re.compile(rb"\x89PNG\r\n\x1a\n"),
        "pngload_source",
        lambda _: {"filter": "up", "compression": 2},  # of paintings as small as with 6, the default, in less time
        deep=True,
    ),
    Format(
        "WebP",
        (".webp",),
        re.compile(rb"RIFF....WEBP", re.DOTALL),
        "webpload_source",
        lambda settings: {"Q": settings.quality, "smart_subsample": True, "exact": True},
        longest=16_383,
    ),
    Format(
        "TIFF",
        (".tif", ".tiff"),
        re.compile(rb"II[*+]\0|MM\0[*+]"),
        "tiffload_source",
        lambda _: {"compression": "deflate", "predictor": "horizontal"},
        deep=True,
    ),
    Format(
        "AVIF",
        (".avif",),
        re.compile(rb"....ftyp(avif|avis|mif1|msf1|miaf)", re.DOTALL),
        "heifload_source",
        # An effort of 4, the default, takes five times as long.
        lambda settings: {"Q": settings.quality, "compression": "av1", "bitdepth": 8, "effort": 2},
        longest=16_384,
    ),
    Format("GIF", (".gif",), re.compile(rb"GIF8[79]a"), "gifload_source", lambda _: {}, writable=False),
)


def _endings(names: str) -> frozenset[str]:
    return frozenset(f".{name}" for name in names.split())


RAW = _endings("3fr arw cr2 cr3 dng erf iiq nef nrw orf pef raf raw rw2 srw")
"""Endings of what cameras write to be developed: some begin as a TIFF does, with a preview in the picture's place."""
OTHERS = RAW | _endings("bmp exr hdr heic heif jp2 jxl pgm ppm psb psd svg tga")
"""Endings of pictures that impasto does not read."""
FILM = re.compile(rb"....ftyp(iso|mp4|avc|qt|M4V|3gp)|\x1aE\xdf\xa3|RIFF....AVI ", re.DOTALL)
"""How common films begin: MP4 and QuickTime, Matroska and WebM, AVI."""
SUFFIXES = frozenset(suffix for format in FORMATS for suffix in format.suffixes)
"""Endings of pictures that it reads."""
READABLE = ", ".join(format.name for format in FORMATS[:-1]) + f" or {FORMATS[-1].name}"


def format_of_content(head: bytes) -> Format | None:
    """The format of a file that begins with `head` (12 bytes are enough), whatever its name says; None for others."""
    return next((format for format in FORMATS if format.magic.match(head)), None)


def format_to_write(path: Path) -> Format:
    """The format that the ending of `path` names.

    Raises `SettingsError` where it names none, or one that impasto does not write.
    """
    writable = {suffix: format for format in FORMATS if format.writable for suffix in format.suffixes}
    suffix = path.suffix.lower()
    if suffix not in writable:
        raise SettingsError(f"{str(path)!r} does not end like a picture to write: {', '.join(writable)}.")
    return writable[suffix]
