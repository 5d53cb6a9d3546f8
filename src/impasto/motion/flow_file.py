"""Flows in files of the field."""

import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from impasto.errors import ImageError

_MAGIC = b"PIEH"
_MOST = 1 << 28
"""Pixels of a frame; a larger number is damage."""


def read_flow(path: Path) -> Tensor:
    """The flow (1, 2, H, W), float32, pixels (x, y), of a Middlebury file (.flo). Raises `ImageError` for others."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise ImageError(f"{str(path)!r}: it cannot be opened ({error}). Check the path.") from error
    if len(data) < 12 or data[:4] != _MAGIC:
        raise ImageError(f"{str(path)!r}: this is no .flo file, whatever its name. Give one of the Middlebury format.")
    width, height = struct.unpack("<ii", data[4:12])
    if min(width, height) < 1 or width * height > _MOST or len(data) != 12 + 8 * width * height:
        raise ImageError(f"{str(path)!r}: it is damaged or cut short. Get or export it again.")
    values = np.frombuffer(data, "<f4", offset=12).reshape(height, width, 2)
    return torch.from_numpy(values.astype(np.float32)).permute(2, 0, 1)[None].contiguous()
