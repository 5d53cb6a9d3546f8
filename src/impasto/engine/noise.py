"""Noise that strokes grow from: always the same at a position of a picture, however it is cut into tiles."""

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.images.resize import size_of
from impasto.losses import Place
from impasto.networks.feedforward import LEVELS, NOISES

Origin = Sequence[int] | Tensor
"""The row and the column (2,) of something."""

_PERIOD = 256
"""Positions after which the noise repeats."""


def noise_at(level: int, features: Tensor, place: Place, origin: Origin, drift: Tensor | None) -> Tensor:
    """Where features (B, C, h, w) of a level lie (1, h*w, NOISES + 1): noise, and a 1 for what is added everywhere.

    Of all noise the row and column `origin` lies in the upper left corner of the picture. `drift` (1, 2, H, W), where
    given, tells of each square of two pixels a side how many pixels to the right and down the noise lies that it gets.
    """
    size = size_of(features)
    corner = place.top + origin[0], place.left + origin[1]
    if drift is not None:
        there = place.cut(_by_squares(drift, 2 ** (level + 1), place), features)[0].to(features.device)
        noise = _drifting(features.device, level, corner, size, there)
    elif _is_kept(features, corner):
        noise = _kept(level, size)
    else:
        noise = _still(features.device, level, corner, size)
    return noise.to(features)


def _is_kept(features: Tensor, corner: Sequence[int | Tensor]) -> bool:
    """Whether it is worthwhile, and safe: the whole of a picture, and on no card, where a graph may still know it."""
    begins = all(isinstance(start, int) and start == 0 for start in corner)
    return begins and features.device.type == "cpu" and not torch.compiler.is_exporting()


def _still(device: torch.device, level: int, corner: Sequence[int | Tensor], size: Sequence[int]) -> Tensor:
    rows, columns = _positions(device, corner, size)
    return _with_ones(_white(device)[level][rows % _PERIOD][:, columns % _PERIOD])


@lru_cache(maxsize=18)  # three levels of three sizes, upright and lying: at most some ten million bytes for each size
def _kept(level: int, size: tuple[int, int]) -> Tensor:
    """The same of pictures from their corner on, made once for all of a size."""
    with torch.inference_mode(False):  # or training would be refused what painting has made
        return _still(torch.device("cpu"), level, (0, 0), size)


def _drifting(
    device: torch.device, level: int, corner: Sequence[int | Tensor], size: Sequence[int], drift: Tensor
) -> Tensor:
    rows, columns = _positions(device, corner, size)
    return _with_ones(_between(_white(device)[level], rows[:, None] + drift[1], columns + drift[0]))


def _positions(device: torch.device, corner: Sequence[int | Tensor], size: Sequence[int]) -> tuple[Tensor, Tensor]:
    """The rows (h,) and columns (w,)."""
    down, right = (torch.arange(length, device=device) + start for start, length in zip(corner, size, strict=True))
    return down, right


def _with_ones(noise: Tensor) -> Tensor:
    """Noise (h, w, NOISES) as `noise_at` gives it."""
    return F.pad(noise.flatten(0, 1)[None], (0, 1), value=1)


def _by_squares(drift: Tensor, side: int, place: Place) -> Tensor:
    """The mean drift of each square of so many pixels a side, in such squares: as many as the whole has positions."""
    several = side // 2
    below, beside = place.height * several - drift.shape[2], place.width * several - drift.shape[3]
    return F.avg_pool2d(F.pad(drift, (0, beside, 0, below), mode="replicate"), several) / side


def _between(white: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Noise (h, w, NOISES) at places (h, w) between its positions, everywhere as strong as at them."""
    round_and_round = F.pad(white.permute(2, 0, 1)[None], (0, 1, 0, 1), mode="circular")
    places = torch.stack([columns, rows], 2)[None].remainder(_PERIOD)
    mixed = F.grid_sample(round_and_round, places * (2 / _PERIOD) - 1, align_corners=True)[0].permute(1, 2, 0)
    # Between positions noise is a mean, and so weaker.
    down, right = (each - each.floor() for each in (rows, columns))
    power = (down.square() + (1 - down).square()) * (right.square() + (1 - right).square())
    return mixed / power.sqrt()[..., None]


@cache
def _white(device: torch.device) -> Tensor:
    """(LEVELS, _PERIOD, _PERIOD, NOISES), normally distributed: of a generator whose numbers will never change."""
    drawn = np.random.RandomState(0).standard_normal((LEVELS, _PERIOD, _PERIOD, NOISES))
    with torch.inference_mode(False):
        return torch.from_numpy(drawn.astype(np.float32)).to(device)
