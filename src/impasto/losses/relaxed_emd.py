"""Style as a set of features that has to be moved onto another, at the least work.

Kolkin, Salavon, Shakhnarovich: Style Transfer by Relaxed Optimal Transport and Self-Similarity, CVPR 2019, section 2.2.
The earth mover's distance with half of its constraints, whichever is dearer: each feature of the picture to the nearest
of the style, or each of the style to the nearest of the picture. So no part of the style may be left out, where
`nearest_neighbor` is content with a few. It works on hypercolumns, at a sample of positions. Departure: angles are
measured from the middle of the style's features, not from zero.
"""

import torch
from torch import Tensor

from impasto.losses.matching import Matchable, matchable, pick
from impasto.losses.positions import positions

_MOST = 1 << 12
"""Positions of either picture that are compared: the paper takes 1,024, drawn anew now and then."""


def relaxed_emd_target(features: Tensor, mask: Tensor | None = None) -> Matchable:
    """What of the style's features (B, C, h, w) the loss needs; `mask` (B, 1, h, w) says how much positions count."""
    return matchable(positions(features, _MOST, mask).mT)


def relaxed_emd(features: Tensor, target: Matchable, mask: Tensor | None = None) -> Tensor:
    """Relaxed earth mover's distance of `features` (B, C, h, w) from `target`, by centered cosines: a scalar."""
    units = target.seen(positions(features, _MOST, mask).mT)
    onto_style = 1 - (units * pick(target.units, target.nearest(units))).sum(2)
    from_style = 1 - (pick(units, target.nearest_of(units)) * target.units).sum(2)
    return torch.maximum(onto_style.mean(), from_style.mean())
