"""features -> one number. A loss knows nothing of weights, layers or networks: the objective adds them.

Each works on its own: `losses.gram(features, losses.gram_target(style_features))`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from impasto.losses.content import content, content_target
from impasto.losses.gram import gram, gram_target
from impasto.losses.self_similarity import self_similarity, self_similarity_target
from impasto.losses.sliced_wasserstein import sliced_wasserstein, sliced_wasserstein_target
from impasto.losses.statistics import gram_matrix
from impasto.losses.total_variation import total_variation
from impasto.losses.wasserstein import wasserstein, wasserstein_target


class FeatureLoss(NamedTuple):
    """A distance between features and a target made beforehand from other features."""

    target: Callable[[Tensor], Any]
    distance: Callable[[Tensor, Any], Tensor]
    pull: float = 1.0
    """Multiplies it, to bring its dial nearer to the default loss's: see `benchmarks/pull.py`."""


CONTENT_LOSSES = {
    "features": FeatureLoss(content_target, content),
    "self-similarity": FeatureLoss(self_similarity_target, self_similarity),
}
STYLE_LOSSES: dict[str, FeatureLoss] = {
    "gram": FeatureLoss(gram_target, gram),
    "wasserstein": FeatureLoss(wasserstein_target, wasserstein),
    "sliced-wasserstein": FeatureLoss(sliced_wasserstein_target, sliced_wasserstein),
}

__all__ = [
    "CONTENT_LOSSES",
    "STYLE_LOSSES",
    "FeatureLoss",
    "content",
    "content_target",
    "gram",
    "gram_matrix",
    "gram_target",
    "self_similarity",
    "self_similarity_target",
    "sliced_wasserstein",
    "sliced_wasserstein_target",
    "total_variation",
    "wasserstein",
    "wasserstein_target",
]
