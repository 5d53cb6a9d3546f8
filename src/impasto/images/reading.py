"""Read a picture from a file or from memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyvips

from impasto.digests import file_state
from impasto.errors import ImageError
from impasto.images.arrays import from_memory
from impasto.images.decode import decode, oriented_shape
from impasto.images.formats import FILM, RAW, READABLE, format_of_content
from impasto.images.picture import Picture, PictureLike
from impasto.images.resize import SizeRule
from impasto.recent import Recent
from impasto.settings import SizeSettings
from impasto.styles import is_style

SMALLEST = 16
"""Shortest side in pixels of a picture that a network can say something about."""
_STRETCHED = 1.02
"""Ratio of proportions above which they differ: sizes are whole pixels."""
_ADDRESSES = ("http:", "https:", "data:")
"""How addresses begin, which are no paths."""
_NOT_READ = {
    "bad labq": "its colors are CIELAB in 8 bits, which is not read. Export it as RGB.",
    "samples out of range": "its numbers have more than 32 bits, or a pixel has far too many. Export it in 16 bits.",
}
"""Files that are whole, by what libvips says of them."""
_KEPT, _SMALL = 4, 1 << 20
"""Pictures that are kept, at most, and pixels of each: some fifty million bytes."""
_lately: Recent[Picture] = Recent(_KEPT)


def read(source: PictureLike, settings: SizeSettings, size: SizeRule | None = None) -> Picture:
    """The picture, upright and in sRGB, at the size that `size` makes of its own; at its own without one.

    `source` is a path (JPEG, PNG, WebP, TIFF, AVIF or the first frame of a GIF), a PIL image, an array (H, W),
    (H, W, 3) or (H, W, 4) of uint8, uint16 or float in [0, 1], or a tensor (3, H, W) or (1, 3, H, W) in [0, 1]; a
    single channel is gray, a second or fourth one alpha. All are sRGB, or what a profile in the file says, but for a
    TIFF of floats, which is linear light. Color under transparent pixels is bled in from around them.

    Raises `ImageError`, one line, for whatever cannot be read, is smaller than 16 pixels a side, before or after, or
    has more than `settings.max_megapixels`; that is found out before anything is decoded.
    """
    name = repr(str(source)) if isinstance(source, str | Path) else "the picture given"
    with explained(name):
        if not isinstance(source, str | Path):
            return _sized(from_memory(source), settings, size)
        with opened(Path(source)) as file:
            return _sized(load(file), settings, size)


def read_again(source: PictureLike, settings: SizeSettings, size: SizeRule) -> Picture:
    """As `read`; a small picture of a file that was lately read so, and is as it was, is the one that was made then."""
    known = file_state(source) if isinstance(source, str | Path) else None
    if known is None:
        return read(source, settings, size)  # which says what is wrong
    path = Path(str(source))
    shape = shape_of(path)
    with explained(repr(str(source))):
        wanted = size(*shape)
    key = (*known, wanted, settings.max_megapixels)
    small = wanted[0] * wanted[1] <= _SMALL
    return _lately.get(key if small else None, lambda: read(source, settings, lambda height, width: wanted))


def shape_of(path: Path) -> tuple[int, int]:
    """(height, width) of a picture file, upright, from its header alone. Raises `ImageError` as `read` does."""
    with explained(repr(str(path))), opened(path) as file:
        return oriented_shape(load(file))


def is_stretched(shape: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a (height, width) has other proportions than another one, beyond what whole pixels account for."""
    proportion = (shape[0] / shape[1]) / (other[0] / other[1])
    return max(proportion, 1 / proportion) > _STRETCHED


def pictures_in(path: Path) -> int:
    """How many pictures are in a file, as in a GIF that moves: the first one is read."""
    with explained(repr(str(path))), opened(path) as file:
        return int(load(file).get_n_pages())


def load(file: BinaryIO) -> pyvips.Image:
    """The libvips image of an open file: its header now, its pixels once, from top to bottom, when they are asked for.

    Raises `ImageError` for an empty file or an unknown format, `pyvips.Error` for a damaged header.
    """
    head = file.read(16)
    if not head:
        raise ImageError("the file is empty (0 bytes). Get it again.")
    format = format_of_content(head)
    if format is None and FILM.match(head):
        raise ImageError("this is a film, not a picture. impasto video paints films, compare --video measures them.")
    if format is None:
        raise ImageError(f"this is no {READABLE} picture, whatever its name. Convert it to one of these.")
    file.seek(0)
    source = pyvips.Source.new_from_descriptor(file.fileno())
    return pyvips.Operation.call(format.loader, source, access="sequential", fail_on="error")


def _sized(image: pyvips.Image, settings: SizeSettings, size: SizeRule | None) -> Picture:
    height, width = oriented_shape(image)
    _check(height, width, settings, "it is", "Take a larger picture")
    shape = size(height, width) if size else (height, width)
    _check(*shape, settings, "at the size asked for it is", "Take a larger size")
    return decode(image, shape)


def _check(height: int, width: int, settings: SizeSettings, verb: str, instead: str) -> None:
    """Raises `ImageError` where a side is too short, or the pixels are too many."""
    if min(height, width) < SMALLEST:
        raise ImageError(f"{verb} {width} × {height} pixels, and no side may be under {SMALLEST}. {instead}.")
    if height * width > settings.max_megapixels * 1e6:
        raise ImageError(
            f"{verb} {width} × {height} pixels, more than the {settings.max_megapixels:g} million allowed. "
            "Make it smaller, or raise max-megapixels."
        )


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open to be read, with the reason in words where it cannot be."""
    try:
        if path.is_dir():
            raise ImageError("this is a folder. Name a picture in it.")
        if path.exists() and not path.is_file():  # a pipe would wait forever
            raise ImageError("this is no regular file. Save the picture to one first.")
        if is_style(path):
            raise ImageError("this is a style in numbers, not a picture. The photo comes first, then the styles.")
        if path.suffix.lower() in RAW:
            raise ImageError("this is a camera's raw file. Develop it to a TIFF or JPEG first.")
        file = path.open("rb")
    except FileNotFoundError:
        if str(path).lower().startswith(_ADDRESSES):
            raise ImageError("there is no such file, for it is an address. Save the picture to a file first.") from None
        raise ImageError("there is no such file. Check the path.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"it cannot be opened ({reason}). Check the path.") from error
    with file:
        yield file


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Puts the picture's name in front of an `ImageError`, and turns libvips's errors into one."""
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    except pyvips.Error as error:
        for detail, meaning in _NOT_READ.items():
            if detail in error.detail:
                raise ImageError(f"{name}: {meaning}") from error
        raise ImageError(f"{name}: it is damaged or cut short{_reason(error)}. Get or export it again.") from error


def _reason(error: pyvips.Error) -> str:
    """The last line that the decoder wrote, in brackets; nothing where it wrote none."""
    lines = [line.strip() for line in error.detail.splitlines() if line.strip() and "bad seek" not in line]
    return f" ({lines[-1]})" if lines else ""
