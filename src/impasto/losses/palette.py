"""Style as the colors themselves, wherever they are: the relaxed earth mover's distance of pixels.

Kolkin, Salavon, Shakhnarovich, CVPR 2019, section 2.2, with colors in a space whose axes are about independent.
Departure: distances are squared.
"""

import torch
from torch import Tensor

from impasto.losses.matching import pick
from impasto.losses.positions import positions

COLORS = 1 << 10
"""Colors of either picture that are compared, at most."""
_DECORRELATED = ((0.577, 0.577, 0.577), (0.707, 0.0, -0.707), (0.408, -0.816, 0.408))
"""From RGB to light, warm against cold, and green against purple: about the principal axes of natural pictures
(Ohta, Kanade, Sakai: Color Information for Region Segmentation, 1980)."""


def palette_target(image: Tensor, mask: Tensor | None = None) -> Tensor:
    """Colors (B, n, 3) of a style (B, 3, h, w) in [0, 1]; `mask` (B, 1, h, w) says how much positions count."""
    return positions(image, COLORS, mask).mT @ image.new_tensor(_DECORRELATED).T


def palette(image: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
    """Relaxed earth mover's distance of the colors of `image` (B, 3, h, w) from `target`: a scalar."""
    colors = palette_target(image, mask)
    with torch.no_grad():
        distances = torch.cdist(colors, target)
        onto_style, from_style = distances.min(dim=2).indices, distances.min(dim=1).indices
    there = (colors - pick(target, onto_style)).square().sum(2)
    back = (pick(colors, from_style) - target).square().sum(2)
    return torch.maximum(there.mean(), back.mean())
