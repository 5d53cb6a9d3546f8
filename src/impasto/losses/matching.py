"""Which of the style's features are most like those of the picture, by centered cosine.

The angle is measured as seen from the middle of the style's features: from zero, whatever a network sees looks alike,
because no feature is ever negative.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

_DIRECTIONS = 64
"""In which features vary most, and in which they are searched, in a tenth of the time. Six matches of ten are the very
same, the others nearly as near: losses are 1 % larger (hypercolumns of VGG-19, 256 pixels)."""
_SEEN = 1 << 12
"""Positions from which these directions are learned."""
_CHUNK = 1 << 22
"""Similarities that are held at a time."""


class Matchable(NamedTuple):
    """Features of a style at n positions, ready to be searched."""

    center: Tensor
    """(B, 1, C)."""
    units: Tensor
    """(B, n, C), of length 1, as seen from the center."""
    basis: Tensor
    """(B, C, k): columns, orthonormal."""
    codes: Tensor
    """(B, n, k): the units in the basis."""

    def seen(self, rows: Tensor) -> Tensor:
        """Features (B, m, C) as unit vectors (B, m, C) seen from the center."""
        return _units(rows - self.center)

    def nearest(self, units: Tensor) -> Tensor:
        """For each of `units` (B, m, C) the number (B, m) of the style's position that is most like it."""
        with torch.no_grad():
            return _most_alike(units @ self.basis, self.codes)

    def nearest_of(self, units: Tensor) -> Tensor:
        """For each of the style's positions the number (B, n) of the one of `units` (B, m, C) most like it."""
        with torch.no_grad():
            return _most_alike(self.codes, units @ self.basis)


def matchable(rows: Tensor) -> Matchable:
    """Features (B, n, C) of a style, ready to be searched."""
    center = rows.mean(dim=1, keepdim=True)
    units = _units(rows - center)
    basis = _principal(units[:, :: -(-units.shape[1] // _SEEN)])
    return Matchable(center, units, basis, units @ basis)


def pick(rows: Tensor, numbers: Tensor) -> Tensor:
    """The features (B, m, C) at the positions `numbers` (B, m) of `rows` (B, n, C)."""
    return torch.stack([each.index_select(0, chosen) for each, chosen in zip(rows, numbers, strict=True)])


def _units(rows: Tensor) -> Tensor:
    return F.normalize(rows, dim=2, eps=1e-6)


def _most_alike(wanted: Tensor, among: Tensor) -> Tensor:
    parts = torch.split(wanted, max(1, _CHUNK // among.shape[1]), dim=1)
    return torch.cat([(part @ among.mT).max(dim=2).indices for part in parts], dim=1)


def _principal(units: Tensor) -> Tensor:
    """The directions (B, C, k) in which `units` (B, n, C) vary most, by subspace iteration (Halko et al. 2011)."""
    channels = units.shape[2]
    draw = torch.Generator().manual_seed(channels)
    drawn = torch.randn(channels, min(_DIRECTIONS, channels), dtype=torch.float32, generator=draw)
    basis = drawn.to(units).expand(len(units), -1, -1)
    for _ in range(3):
        basis = torch.linalg.qr(units.mT @ (units @ basis)).Q
    return basis
