"""A finished picture -> figures: how far it is from its style and from its content."""

from impasto.evaluation.compare import Scores, compare, compromise
from impasto.evaluation.content import edge_similarity, perceptual_distance, structure_distance
from impasto.evaluation.noise import excess_noise
from impasto.evaluation.palette import palette_distance
from impasto.evaluation.sets import SetScores, compare_sets, frechet_distance
from impasto.evaluation.style import distribution_distance, gram_distance

__all__ = [
    "Scores",
    "SetScores",
    "compare",
    "compare_sets",
    "compromise",
    "distribution_distance",
    "edge_similarity",
    "excess_noise",
    "frechet_distance",
    "gram_distance",
    "palette_distance",
    "perceptual_distance",
    "structure_distance",
]
