"""How much neighboring pixels differ: noise, and fine strokes."""

from torch import Tensor


def total_variation(image: Tensor) -> Tensor:
    """Mean squared difference of vertical and of horizontal neighbors of `image` (B, C, H, W): a scalar.

    The squared form of Mahendran and Vedaldi 2015 (beta = 2), as a mean.
    A picture one pixel high or wide has no neighbors that way; that part is zero.
    """
    down = (image[..., 1:, :] - image[..., :-1, :]).square()
    right = (image[..., :, 1:] - image[..., :, :-1]).square()
    return down.sum() / max(down.numel(), 1) + right.sum() / max(right.numel(), 1)
