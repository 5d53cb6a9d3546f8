"""features -> one number. A loss knows nothing of weights, layers or networks: the objective adds them.

Each works on its own: `losses.gram(features, losses.gram_target(style_features))`.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from torch import Tensor

from impasto.losses.chroma_variation import chroma_variation
from impasto.losses.content import content, content_target
from impasto.losses.gram import gram, gram_target
from impasto.losses.hypercolumns import Hypercolumns
from impasto.losses.moments import moments, moments_target
from impasto.losses.nearest_neighbor import nearest_neighbor, nearest_neighbor_target
from impasto.losses.palette import palette, palette_target
from impasto.losses.relaxed_emd import relaxed_emd, relaxed_emd_target
from impasto.losses.self_similarity import self_similarity, self_similarity_target
from impasto.losses.sliced_wasserstein import sliced_wasserstein, sliced_wasserstein_target
from impasto.losses.statistics import gram_matrix
from impasto.losses.total_variation import total_variation
from impasto.losses.wasserstein import wasserstein, wasserstein_target

Sight = Literal["layers", "columns", "pixels"]
"""What a loss is shown: each layer's features by themselves, hypercolumns of all layers, or the picture."""


class FeatureLoss(NamedTuple):
    """A distance between features and a target made beforehand from other features."""

    target: Callable[..., Any]
    """Of features, and a mask or None."""
    distance: Callable[..., Tensor]
    """Of features, a target, and a mask or None."""
    pull: float = 1.0
    """Multiplies it, to bring its dial nearer to the default loss's: see `benchmarks/pull.py`."""
    of: Sight = "layers"
    turned: bool = False
    """Whether the style is also shown turned by 90, 180 and 270 degrees."""
    unit: float | None = None
    """What counts as 1: by default its value for a black feature map, which for colors would say nothing."""


CONTENT_LOSSES = {
    "features": FeatureLoss(content_target, content),
    "self-similarity": FeatureLoss(self_similarity_target, self_similarity),
}
STYLE_LOSSES: dict[str, tuple[FeatureLoss, ...]] = {
    "gram": (FeatureLoss(gram_target, gram),),
    "wasserstein": (FeatureLoss(wasserstein_target, wasserstein),),
    "sliced-wasserstein": (FeatureLoss(sliced_wasserstein_target, sliced_wasserstein, pull=2.5),),
    "nearest-neighbor": (
        FeatureLoss(nearest_neighbor_target, nearest_neighbor, pull=0.4, of="columns", turned=True),
        FeatureLoss(moments_target, moments, pull=0.4),
    ),
    "relaxed-emd": (
        FeatureLoss(relaxed_emd_target, relaxed_emd, pull=0.65, of="columns"),
        FeatureLoss(moments_target, moments, pull=0.65),
        FeatureLoss(palette_target, palette, pull=0.65, of="pixels", unit=0.25),
    ),
}
"""The parts of each style loss; together they are weighed against the content."""

__all__ = [
    "CONTENT_LOSSES",
    "STYLE_LOSSES",
    "FeatureLoss",
    "Hypercolumns",
    "Sight",
    "chroma_variation",
    "content",
    "content_target",
    "gram",
    "gram_matrix",
    "gram_target",
    "moments",
    "moments_target",
    "nearest_neighbor",
    "nearest_neighbor_target",
    "palette",
    "palette_target",
    "relaxed_emd",
    "relaxed_emd_target",
    "self_similarity",
    "self_similarity_target",
    "sliced_wasserstein",
    "sliced_wasserstein_target",
    "total_variation",
    "wasserstein",
    "wasserstein_target",
]
