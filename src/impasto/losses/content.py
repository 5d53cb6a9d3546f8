"""Content as the features themselves (Gatys et al. 2015, equation 1)."""

from torch import Tensor


def content_target(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """What of the content's features (B, C, h, w) the loss needs: all of them. `mask` does not change them."""
    return features


def content(features: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
    """Squared error of `features` against `target`, both (B, C, h, w), divided by W * H * C: a scalar.

    `mask` (B, 1, h, w) in [0, 1], if given, counts each position by its weight; where it counts none, there is no
    error. The mean over B pictures.
    """
    error = (features - target).square()
    if mask is None:
        return error.mean()
    return (error * mask).sum() / (mask.sum() * error.shape[1]).clamp_min(1e-12)
