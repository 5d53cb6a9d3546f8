"""features -> one number. A loss knows nothing of weights, layers or networks: the objective adds them.

Each works on its own: `losses.gram(features, losses.gram_target(style_features))`.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from impasto.losses.content import content, content_target
from impasto.losses.gram import gram, gram_target
from impasto.losses.statistics import gram_matrix
from impasto.losses.total_variation import total_variation


class FeatureLoss(NamedTuple):
    """A distance between features and a target made beforehand from other features."""

    target: Callable[[Tensor], Tensor]
    distance: Callable[[Tensor, Tensor], Tensor]


CONTENT_LOSSES = {"features": FeatureLoss(content_target, content)}
STYLE_LOSSES = {"gram": FeatureLoss(gram_target, gram)}

__all__ = [
    "CONTENT_LOSSES",
    "STYLE_LOSSES",
    "FeatureLoss",
    "content",
    "content_target",
    "gram",
    "gram_matrix",
    "gram_target",
    "total_variation",
]
