"""How far a painting is from an earlier one, moved as the film has moved (Ruder et al. 2016, equation 7)."""

from torch import Tensor

from impasto.losses.content import content


def temporal_target(earlier: Tensor, mask: Tensor | None = None) -> Tensor:
    """What of the earlier painting (B, 3, H, W), warped, the loss needs: all of it. `mask` does not change it."""
    return earlier


def temporal(image: Tensor, earlier: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean squared difference of `image` and `earlier`, both (B, 3, H, W) in [0, 1]: a scalar.

    `mask` (B, 1, H, W) in [0, 1], if given, counts each pixel by its weight: 0 where something has come into sight.
    Departure: a mean over the pixels that count, not over all of them.
    """
    return content(image, earlier, mask)
