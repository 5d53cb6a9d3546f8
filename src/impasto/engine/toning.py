"""The colors that a painting has given to a film's, for what no painting shows."""

import torch
import torch.nn.functional as F
from torch import Tensor

_NODES = 13
"""Along each side of the cube of colors."""
_ROUNDS = _NODES - 1
"""In which what is known of a color is told to its neighbors, each of which counts for less."""
_LESS = 1 / 64
_STEP = 2
"""Of so many rows and columns one is learned from."""


class Toning:
    """What colors have become, learned from a frame and its painting."""

    def __init__(self, frame: Tensor, painted: Tensor) -> None:
        """Both (1, 3, H, W) in [0, 1]."""
        seen, became = (each[0, :, ::_STEP, ::_STEP].flatten(1) for each in (frame, painted))
        red, green, blue = (seen * (_NODES - 1)).round().long()
        place = (red * _NODES + green) * _NODES + blue
        counted = torch.cat([became, torch.ones_like(became[:1])]).double()
        sums = torch.zeros(4, _NODES**3, dtype=torch.float64).index_add_(1, place, counted)
        known = spread = sums.view(4, 1, _NODES, _NODES, _NODES)
        for _ in range(_ROUNDS):
            spread = F.avg_pool3d(F.pad(spread, (1,) * 6), 3, 1) * _LESS
            known = known + spread
        self._cube = (known[:3] / known[3:].clamp_min(1e-300)).view(1, 3, _NODES, _NODES, _NODES).float()

    def __call__(self, colors: Tensor) -> Tensor:
        """What `colors` (3, N) in [0, 1] would become."""
        grid = (2 * colors - 1).flip(0).T.reshape(1, 1, 1, -1, 3)
        return F.grid_sample(self._cube, grid, align_corners=True).view(3, -1)
