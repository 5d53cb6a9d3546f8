"""Which positions of a map are looked at, where all would be too many: spread at random, and always the same."""

from functools import lru_cache

import torch
from torch import Tensor


def positions(features: Tensor, most: int, mask: Tensor | None = None) -> Tensor:
    """Features (B, C, n) of `features` (B, C, h, w) at `most` positions or fewer: all, or so many spread at random.

    Always the same ones for the same shape and mask, so that a loss over them is a function. Where `mask` (B, 1, h, w)
    in [0, 1] is given, a position is taken as often as it weighs.
    """
    flat = features.flatten(2)
    if mask is None and flat.shape[2] <= most:
        return flat
    chosen = chosen_positions((features.shape[2], features.shape[3]), most, mask).to(flat.device)
    rows = zip(flat.mT, chosen.expand(len(flat), -1), strict=True)
    return torch.stack([each.index_select(0, numbers) for each, numbers in rows]).mT


def chosen_positions(size: tuple[int, int], most: int, mask: Tensor | None = None) -> Tensor:
    """The numbers (B, n), row by row, of the positions of a map of `size` that `positions` takes; B is the mask's."""
    count = min(most, size[0] * size[1])
    if mask is None:
        return _spread(size[0] * size[1], count)
    weights = mask.flatten(2)[:, 0].cpu()
    return _weighted(weights, min(count, int(weights.count_nonzero(1).max())))


@lru_cache(maxsize=16)
def _spread(positions: int, count: int) -> Tensor:
    if count == positions:
        return torch.arange(positions)[None]
    return _weighted(torch.ones(1, positions), count)


def _weighted(weights: Tensor, count: int) -> Tensor:
    """The numbers (B, count) of positions, each taken as often as its `weights` (B, n) say.

    They are laid end to end in random order, each as long as it weighs, and then taken at even distances.
    """
    order = torch.randperm(weights.shape[1], generator=torch.Generator().manual_seed(0))
    ends = weights[:, order].double().cumsum(1)
    marks = (torch.arange(count) + 0.5) / count * ends[:, -1:]
    return order[torch.searchsorted(ends, marks).clamp_max(len(order) - 1)]
