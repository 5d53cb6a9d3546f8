"""Large pictures a few rows at a time: what is done to each pixel by itself needs no more than that in memory."""

from collections.abc import Callable, Iterator
from functools import wraps

import torch
from torch import Tensor

_PIXELS = 1 << 22
"""Of a strip: fewer would take longer, more would take memory."""


def strips(height: int, width: int) -> Iterator[slice]:
    """Rows, a strip at a time, of a picture of that size."""
    rows = max(1, _PIXELS // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def pixelwise(change: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """`change`, which gives each pixel of a picture (B, C, H, W) a new color by itself, done strip by strip."""

    @wraps(change)
    def by_strips(picture: Tensor) -> Tensor:
        height, width = picture.shape[2:]
        if height * width <= _PIXELS or picture.requires_grad:
            return change(picture)
        result = torch.empty_like(picture)
        for rows in strips(height, width):
            result[:, :, rows] = change(picture[:, :, rows])
        return result

    return by_strips
