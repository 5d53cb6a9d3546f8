"""features -> one number. A loss knows nothing of weights, layers or networks: the objective adds them.

Each works on its own: `losses.gram(features, losses.gram_target(style_features))`.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from torch import Tensor

from impasto.losses.chroma_variation import chroma_variation
from impasto.losses.content import content, content_target
from impasto.losses.gram import gram, gram_target
from impasto.losses.hypercolumns import Averages, Hypercolumns
from impasto.losses.moments import moments, moments_target
from impasto.losses.nearest_neighbor import nearest_neighbor, nearest_neighbor_target
from impasto.losses.palette import COLORS, palette, palette_target
from impasto.losses.place import Place
from impasto.losses.reductions import Everything, Grid, MomentSums, Reduction, Sample
from impasto.losses.relaxed_emd import relaxed_emd, relaxed_emd_target
from impasto.losses.self_similarity import GRID, self_similarity, self_similarity_target
from impasto.losses.sliced_wasserstein import POSITIONS, sliced_wasserstein, sliced_wasserstein_target
from impasto.losses.statistics import Sums, gram_matrix
from impasto.losses.temporal import temporal, temporal_target
from impasto.losses.total_variation import total_variation
from impasto.losses.wasserstein import wasserstein, wasserstein_target

ShownOf = Literal["layers", "columns", "pixels"]
"""What a loss is shown: each layer's features by themselves, hypercolumns of all layers, or the picture."""


class FeatureLoss(NamedTuple):
    """A distance between features and a target made beforehand from other features."""

    target: Callable[..., Any]
    """Of features, and a mask or None."""
    distance: Callable[..., Tensor]
    """Of features, a target, and a mask or None."""
    pull: float = 1.0
    """Multiplies it, so that the dial leaves about the same content with every loss: see `benchmarks/pull.py`."""
    of: ShownOf = "layers"
    turned: bool = False
    """Whether the style is also shown turned by 90, 180 and 270 degrees."""
    unit: float | None = None
    """What counts as 1: by default its value for a black feature map, which for colors would say nothing."""
    reduce: Reduction = Everything()
    """What `target` and `distance` are shown of features: where it has been reduced, the mask has been counted in."""
    pointwise: bool = False
    """Whether each position is compared with the one at its own place, and the distance is a mean over positions."""
    asks: bool = False
    """Whether it asks the device for a number at each look, or takes some there: what does cannot be captured."""


CONTENT_LOSSES = {
    "features": FeatureLoss(content_target, content, pointwise=True),
    "self-similarity": FeatureLoss(self_similarity_target, self_similarity, reduce=Grid(GRID)),
}
STYLE_LOSSES: dict[str, tuple[FeatureLoss, ...]] = {
    "gram": (FeatureLoss(gram_target, gram, reduce=MomentSums()),),
    "wasserstein": (
        FeatureLoss(wasserstein_target, wasserstein, reduce=MomentSums()),
        # Networks hardly see colors: without this an engraving's sea is green.
        FeatureLoss(wasserstein_target, wasserstein, pull=4.0, of="pixels", unit=0.25, reduce=MomentSums()),
    ),
    "sliced-wasserstein": (
        FeatureLoss(sliced_wasserstein_target, sliced_wasserstein, pull=2.5, reduce=Sample(POSITIONS)),
    ),
    "nearest-neighbor": (
        FeatureLoss(nearest_neighbor_target, nearest_neighbor, pull=0.4, of="columns", turned=True, asks=True),
        FeatureLoss(moments_target, moments, pull=0.4, reduce=MomentSums()),
    ),
    "relaxed-emd": (
        FeatureLoss(relaxed_emd_target, relaxed_emd, pull=0.65, of="columns", asks=True),
        FeatureLoss(moments_target, moments, pull=0.65, reduce=MomentSums()),
        FeatureLoss(palette_target, palette, pull=0.65, of="pixels", unit=0.25, reduce=Sample(COLORS), asks=True),
    ),
}
"""The parts of each style loss; together they are weighed against the content."""
TEMPORAL_LOSS = FeatureLoss(temporal_target, temporal, of="pixels", pointwise=True)

__all__ = [
    "CONTENT_LOSSES",
    "STYLE_LOSSES",
    "TEMPORAL_LOSS",
    "Averages",
    "Everything",
    "FeatureLoss",
    "Hypercolumns",
    "MomentSums",
    "Place",
    "Reduction",
    "Sample",
    "ShownOf",
    "Sums",
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
    "temporal",
    "temporal_target",
    "total_variation",
    "wasserstein",
    "wasserstein_target",
]
