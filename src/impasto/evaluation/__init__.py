"""A finished picture, or film -> figures: how far it is from its style and from its content, and how steady."""

from impasto.evaluation.compare import Scores, compare, compromise, mixed
from impasto.evaluation.content import edge_similarity, perceptual_distance, structure_distance
from impasto.evaluation.noise import excess_noise
from impasto.evaluation.palette import palette_distance
from impasto.evaluation.sets import SetScores, compare_sets, frechet_distance
from impasto.evaluation.steadiness import Steadiness, steadiness
from impasto.evaluation.style import distribution_distance, gram_distance
from impasto.evaluation.weave import excess_weave

__all__ = [
    "Scores",
    "SetScores",
    "Steadiness",
    "compare",
    "compare_sets",
    "compromise",
    "distribution_distance",
    "edge_similarity",
    "excess_noise",
    "excess_weave",
    "frechet_distance",
    "gram_distance",
    "mixed",
    "palette_distance",
    "perceptual_distance",
    "steadiness",
    "structure_distance",
]
