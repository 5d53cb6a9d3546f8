"""Color under transparent pixels, so that no black or white fringe enters the painting."""

import torch
import torch.nn.functional as F
from torch import Tensor

TRANSPARENT = 1 / 255
"""Below this alpha a pixel's own color is not worth trusting: less than one step of 8 bits."""


def bleed(pixels: Tensor, alpha: Tensor) -> Tensor:
    """`pixels` (1, 3, H, W) with the color of transparent ones taken from their nearest visible neighbors.

    `alpha` is (1, 1, H, W) in [0, 1]. Visible pixels stay as they are, and so does a picture with none. Each hole is
    filled from the finest level of a pyramid of averages in which something visible reaches it (push-pull: S. Gortler
    et al., "The Lumigraph", 1996, section 3.4).
    """
    visible = (alpha >= TRANSPARENT).to(pixels.dtype)
    if visible.all() or not visible.any():
        return pixels
    return _fill(pixels, visible * alpha)


def _fill(pixels: Tensor, weight: Tensor) -> Tensor:
    """`pixels` where `weight` is above zero, elsewhere the filled average of the level above, enlarged smoothly."""
    if (weight > 0).all():
        return pixels
    height, width = pixels.shape[-2:]
    padding = (0, width % 2, 0, height % 2)  # the pad has weight 0, so its color does not count
    share = F.avg_pool2d(F.pad(weight, padding), 2)
    mean = F.avg_pool2d(F.pad(pixels * weight, padding), 2) / share.clamp_min(torch.finfo(share.dtype).tiny)
    above = F.interpolate(_fill(mean, share), size=(height, width), mode="bilinear")
    return torch.where(weight > 0, pixels, above)
