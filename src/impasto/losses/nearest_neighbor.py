"""Style as the patches themselves: every place is pulled towards the place of the style that is most like it.

Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich: Neural Neighbor Style Transfer, 2022, section 3.2; first as
patches of a Markov random field: Li, Wand, CVPR 2016. It works on hypercolumns (`losses.hypercolumns`). Matches are
searched anew at every step, nearly exactly (`losses.matching`), and count as constants in the gradient.
"""

import torch
from torch import Tensor

from impasto.losses.matching import Matchable, matchable, pick
from impasto.losses.positions import positions

_MOST = 1 << 14
"""Positions of a style that are searched."""


def nearest_neighbor_target(features: Tensor, mask: Tensor | None = None) -> Matchable:
    """What of the style's features (B, C, h, w) the loss needs; places are searched as often as `mask` counts them."""
    return matchable(positions(features, _MOST, mask).mT)


def nearest_neighbor(features: Tensor, target: Matchable, mask: Tensor | None = None) -> Tensor:
    """Mean centered cosine distance of `features` (B, C, h, w) from the most similar ones of the style: a scalar.

    `mask` (B, 1, h, w) in [0, 1], if given, counts each position by its weight.
    """
    rows = features.flatten(2).mT
    weights = torch.ones_like(rows[..., 0]) if mask is None else mask.flatten(2)[:, 0].expand(len(rows), -1)
    inside = weights.any(0).nonzero()[:, 0]
    if len(inside) < weights.shape[1]:  # no search for what does not count
        rows, weights = rows.index_select(1, inside), weights[:, inside]
    units = target.seen(rows)
    distances = 1 - (units * pick(target.units, target.nearest(units))).sum(2)
    return (distances * weights).sum() / weights.sum()
