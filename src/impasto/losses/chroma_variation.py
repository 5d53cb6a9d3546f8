"""How much the color of neighboring pixels differs, whatever their lightness: colored noise, and no stroke's edge.

Networks see a change of single pixels far more than people do, and solvers paint it: dots in color, where the photo is
flat. Total variation takes them away together with fine strokes, which live in lightness; this leaves those alone.
"""

import torch
from torch import Tensor

from impasto.losses.place import Place
from impasto.losses.total_variation import total_variation


def chroma_variation(image: Tensor, place: Place | None = None) -> Tensor:
    """Total variation of two color differences of `image` (B, 3, H, W), red to green and blue to yellow: a scalar.

    Of a part of a picture, at `place`, what it adds to the mean of the whole.
    """
    red, green, blue = image[:, :1], image[:, 1:2], image[:, 2:]
    return total_variation(torch.cat([red - green, blue - (red + green) / 2], dim=1), place)
