"""Content as which parts of a picture are alike, whatever they look like.

Kolkin, Salavon, Shakhnarovich: Style Transfer by Relaxed Optimal Transport and Self-Similarity, CVPR 2019, section 2.3.
A picture may change all its colors and strokes without loss, as long as what was alike stays alike.
"""

import torch.nn.functional as F
from torch import Tensor

GRID = 32
"""Positions a side, at most: the matrix has the fourth power of it."""


def self_similarity_target(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """How different each position of the content's features (B, C, h, w) is from each other: (B, n, n)."""
    return _distances(features, mask)


def self_similarity(features: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean absolute difference of the distances among `features` (B, C, h, w) from those of `target`: a scalar.

    The paper's equation 9, times the number of positions, which it divides by twice. Distances are those of cosines,
    divided by their sum over a column. The mask that the target was made with has to be given here again.
    """
    return (_distances(features, mask) - target).abs().sum(1).mean()


def _distances(features: Tensor, mask: Tensor | None) -> Tensor:
    size = (min(features.shape[2], GRID), min(features.shape[3], GRID))
    coarse = F.adaptive_avg_pool2d(features, size).flatten(2)
    unit: Tensor = coarse / coarse.norm(dim=1, keepdim=True).clamp_min(1e-6)
    distances = (1 - unit.mT @ unit).clamp_min(0)
    if mask is not None:
        weights = F.adaptive_avg_pool2d(mask, size).flatten(2)  # (B, 1, n)
        distances = distances * weights * weights.mT
    return distances / distances.sum(1, keepdim=True).clamp_min(1e-6)
