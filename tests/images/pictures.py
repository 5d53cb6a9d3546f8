"""Small pictures and files of them for the tests of this folder."""

from io import BytesIO

import numpy as np
import torch
from PIL import Image

from impasto.errors import ImageError
from impasto.images import Picture, read
from impasto.images.color import oklab_to_srgb
from impasto.images.packing import packed
from impasto.settings import SizeSettings

WRITABLE = (".jpg", ".png", ".webp", ".tif", ".avif")


def smooth(height: int = 40, width: int = 56) -> np.ndarray:
    """(H, W, 3), uint8: soft slopes of color, which lossy formats keep well. No two corners are alike."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return (20 + 200 * np.stack([x, y, (1 - x) * (1 - y)], axis=-1)).astype(np.uint8)


def picture(alpha: bool = False) -> Picture:
    """Random pixels, exact in 16 bits; half transparent on the right where there is alpha."""
    levels = np.random.default_rng(1).integers(0, 65536, (1, 4, 24, 30)) / 65535
    channels = torch.from_numpy(levels).float()
    channels[:, 3, :, 15:] = 0.5
    return Picture(channels[:, :3], channels[:, 3:].clamp_min(0.2) if alpha else None)


def quarter(array: np.ndarray) -> torch.Tensor:
    """Every fourth row and column of an array (H, W, 3), uint8, as (1, 3, h, w), float64, in [0, 1]."""
    return torch.from_numpy(array[::4, ::4].copy()).permute(2, 0, 1)[None].double() / 255


def moments(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (3,) and covariance (3, 3) of (1, 3, H, W)."""
    return values.flatten(2)[0].mean(dim=1), torch.cov(values.flatten(2)[0], correction=0)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    """The bytes of a file that PIL writes."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def assert_read_or_told(source, *settings) -> None:
    """What is read is a picture, what is not is told in one line: nothing else may happen."""
    try:
        got = read(source, *settings)
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017 (either way is right)
        return
    assert got.pixels.shape[:2] == (1, 3)
    assert 0 <= got.pixels.min() <= got.pixels.max() <= 1


def array(source, **options) -> np.ndarray:
    """(H, W, 3), in [0, 255]."""
    return read(source, SizeSettings(), **options).pixels[0].permute(1, 2, 0).numpy() * 255


def lit(broad: float, fine: float, shape: tuple[int, int] = (200, 200)) -> torch.Tensor:
    """Gray, packed, with a ramp of lightness of one height from left to right, under a checkerboard of another."""
    rows, columns = torch.meshgrid(*map(torch.arange, shape), indexing="ij")
    gray = torch.zeros(1, 3, *shape)
    gray[:, 0] = 0.5 + broad * (columns / max(1, shape[1] - 1) - 0.5) + fine * ((rows // 2 + columns // 2) % 2 - 0.5)
    return packed(oklab_to_srgb(gray))
