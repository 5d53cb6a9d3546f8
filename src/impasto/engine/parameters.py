"""Free numbers <-> pixels: the solver may move its numbers anywhere, and the picture still stays in [0, 1]."""

from torch import Tensor

_MARGIN = 0.004
"""Pixels start this far from black and white (one step of 8 bits), where the sigmoid still has a slope."""


def free(image: Tensor) -> Tensor:
    """The numbers whose picture is `image` (B, 3, H, W), up to one step of 8 bits at black and white."""
    return image.clamp(_MARGIN, 1 - _MARGIN).logit()


def picture(numbers: Tensor) -> Tensor:
    """Pixels in [0, 1] of free numbers: their sigmoid.

    The loss of the picture in the solver's hands is so the loss of the picture that gets saved; solvers that leave
    [0, 1] lose much of their gain when the file clips it.
    """
    return numbers.sigmoid()
