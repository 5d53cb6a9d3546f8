"""How much of a photo is left in a picture: to a network, in its structure, and in its edges."""

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.images.color import srgb_to_oklab
from impasto.losses import self_similarity, self_similarity_target

PERCEPTUAL_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
STRUCTURE_LAYER = "relu4_3"
_WINDOW, _SPREAD = 11, 1.5
_STABLE = 0.03**2
"""K2 of SSIM, for edges, whose range is about that of the pixels."""


def perceptual_distance(features: Tensor, content: Tensor) -> float:
    """Mean squared difference of features (1, C, h, w), each position's made a unit vector first.

    LPIPS (Zhang et al. 2018) without its learned weights of channels: the figures are not those of that paper. Between
    0 for the same picture and 2, at one layer; the mean over `PERCEPTUAL_LAYERS` is what is reported.
    """
    first, second = (each / each.norm(dim=1, keepdim=True).clamp_min(1e-6) for each in (features, content))
    return float((first - second).square().sum(1).mean())


def structure_distance(features: Tensor, content: Tensor) -> float:
    """How much changed in which parts are alike (`losses.self_similarity`), from 0 for nothing."""
    return float(self_similarity(features, self_similarity_target(content)))


def edge_similarity(picture: Tensor, content: Tensor) -> float:
    """SSIM (Wang et al. 2004) of the edges of two pictures (1, 3, H, W): 1 for the same edges, less for others.

    Edges are the gradients of Oklab's lightness; of SSIM, contrast and structure count, and the mean does not. Where
    neither picture has any, it is 1: flat gray beside a photo has 0.2 to 0.8, the more the smoother that is.
    """
    first, second = (_edges(each) for each in (picture, content))
    means = [_blurred(each) for each in (first, second)]
    squares = [_blurred(each.square()) - mean.square() for each, mean in zip((first, second), means, strict=True)]
    shared = _blurred(first * second) - means[0] * means[1]
    return float(((2 * shared + _STABLE) / (squares[0] + squares[1] + _STABLE)).mean())


def _edges(picture: Tensor) -> Tensor:
    lightness = F.pad(srgb_to_oklab(picture)[:, :1], (1, 1, 1, 1), mode="replicate")
    down = lightness[..., 2:, 1:-1] - lightness[..., :-2, 1:-1]
    right = lightness[..., 1:-1, 2:] - lightness[..., 1:-1, :-2]
    return (down.square() + right.square()).sqrt()


def _blurred(image: Tensor) -> Tensor:
    offsets = torch.arange(_WINDOW, dtype=image.dtype) - _WINDOW // 2
    bell = torch.exp(-offsets.square() / (2 * _SPREAD**2))
    bell = (bell / bell.sum()).to(image.device)
    down = F.conv2d(image, bell.view(1, 1, -1, 1))
    return F.conv2d(down, bell.view(1, 1, 1, -1))
