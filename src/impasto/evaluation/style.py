"""How far a picture is from a style, measured where no optimizer of impasto looks.

The optimizers pull at relu1_1, relu2_1, ... and along directions of their own; a picture could come near there alone.
"""

import torch
from torch import Tensor

from impasto.evaluation.slices import slices
from impasto.losses import gram_matrix

STYLE_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_2")
_DIRECTIONS = 64
_SAMPLES = 1 << 14


def gram_distance(features: Tensor, style: Tensor) -> float:
    """|G - G_s| / |G_s| of features (1, C, h, w): 0 for the same Gram matrix, 1 for features of zeros."""
    wanted = gram_matrix(style)
    return float((gram_matrix(features) - wanted).norm() / wanted.norm())


def distribution_distance(features: Tensor, style: Tensor) -> float:
    """Sliced Wasserstein-2 distance of features (1, C, h, w), relative to the style's own size.

    It looks along 64 random directions, always the same; 0 for the same features in another order.
    """
    draw = torch.Generator().manual_seed(20180612)
    directions = torch.randn(_DIRECTIONS, features.shape[1], dtype=torch.float32, generator=draw)
    directions /= directions.norm(dim=1, keepdim=True)
    seen, wanted = (slices(each, directions, _SAMPLES) for each in (features, style))
    return float((seen - wanted).square().mean().sqrt() / wanted.square().mean().sqrt())
