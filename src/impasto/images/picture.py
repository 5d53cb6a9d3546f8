"""A picture in memory: what `read` gives and `write` takes."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from impasto.images.packing import unpacked
from impasto.images.strips import strips

PictureLike = str | Path | Image.Image | NDArray[np.generic] | Tensor
"""A path, a PIL image, an array or a tensor: whatever `read` understands."""


@dataclass(frozen=True)
class Picture:
    """Pixels, and their transparency where there is any. Gray pictures have three equal channels."""

    pixels: Tensor
    """(1, 3, H, W), float32, sRGB in [0, 1], not multiplied by alpha; packed (`images.packing`) where a very large one
    waits."""
    alpha: Tensor | None = None
    """(1, 1, H, W), float32 in [0, 1], 1 is opaque; None where the picture has no transparency."""
    density: float | None = None
    """Pixels a millimeter in print, as libvips has it; None where nothing says it."""

    def __getstate__(self) -> dict[str, Any]:
        """What pickle keeps: torch does not read packed numbers again that it has pickled, and NumPy does."""
        return {**vars(self), "pixels": self.pixels.detach().cpu().numpy()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, pixels=torch.from_numpy(state["pixels"]))

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) in pixels."""
        height, width = self.pixels.shape[-2:]
        return height, width


def quantize(channels: Tensor, depth: int) -> NDArray[np.unsignedinteger]:
    """Channels (1, C, H, W), in [0, 1] or packed, as an array (H, W, C): uint8 for `depth` 8, uint16 for 16.

    Rounds to nearest.
    """
    _, bands, height, width = channels.shape
    levels = np.empty((height, width, bands), np.uint8 if depth == 8 else np.uint16)
    for rows in strips(height, width):
        strip = unpacked(channels[0, :, rows].detach()).float().cpu().clamp(0, 1).mul((1 << depth) - 1).round()
        levels[rows] = strip.permute(1, 2, 0).numpy()
    return levels


def to_pil(picture: Picture) -> Image.Image:
    """The picture as PIL sees it: 8 bit, `RGB` or `RGBA`, with an sRGB profile in `.info["icc_profile"]`."""
    image = Image.fromarray(quantize(picture.pixels, 8))
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(quantize(picture.alpha, 8)[..., 0]))
    image.info["icc_profile"] = srgb_profile()
    return image


@cache
def srgb_profile() -> bytes:
    """The ICC profile that every result carries: libvips's own, 480 bytes, the same each time."""
    return bytes(pyvips.Operation.call("profile_load", "srgb"))
