"""How far a picture's colors are from a style's."""

import torch
from torch import Tensor

from impasto.evaluation.slices import slices
from impasto.images.color import srgb_to_oklab

_DIRECTIONS = 32
_SAMPLES = 1 << 12


def palette_distance(picture: Tensor, style: Tensor) -> float:
    """Sliced Wasserstein-2 distance of the colors of two pictures (1, 3, H, W) in Oklab, where 0.02 is just seen.

    How much a pixel's color has to change on its way to the other picture's palette, by 32 directions of sight.
    """
    angles = torch.arange(_DIRECTIONS) + 0.5  # directions spread evenly over a half sphere (a Fibonacci lattice)
    height = 1 - angles / _DIRECTIONS
    around = angles * 2.399963
    flat = (1 - height.square()).sqrt()
    directions = torch.stack([height, flat * around.cos(), flat * around.sin()], dim=1)
    seen, wanted = (slices(srgb_to_oklab(each), directions, _SAMPLES) for each in (picture, style))
    return float((3 * (seen - wanted).square().mean()).sqrt())
