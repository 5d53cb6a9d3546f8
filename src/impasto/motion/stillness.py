"""Where a film stands still, so that its painting can."""

import numpy as np
import torch
from torch import Tensor

from impasto.motion.flow import Frame
from impasto.motion.opencv import around, opencv

_NOISE = 3.0
"""Mean change of a place, in levels of 255, that coding and a little grain make: H.264 at its usual quality stays under
2 where a picture stands still."""
_PIXEL = 9.0
"""Change of a single pixel, which is noisier than the place around it."""
_WINDOW = 5
"""Side in pixels of a place."""


class Stillness:
    """Tells of frames, shown one by one in their order, where nothing has moved.

    Each pixel is compared with what it showed when it last moved, and not with the frame before: what creeps or fades
    by less than the noise with each frame is seen once it has come far enough. Begin anew with a new shot.
    """

    def __init__(self, reference: Frame | None = None) -> None:
        """`reference` goes on from the `reference` of another one."""
        self.reference = reference
        """What each pixel showed when it last moved, (H, W, 3); None before the first frame."""

    def __call__(self, frame: Frame) -> Tensor:
        """Where `frame` still shows what was there: (1, 1, H, W), 1. where it stands still, else 0.; first all 0."""
        if self.reference is None or self.reference.shape != frame.shape:
            self.reference = frame.copy()
            return torch.zeros(1, 1, *frame.shape[:2])
        still = unchanged(self.reference, frame)
        self.reference = np.where(still[0, 0, :, :, None].bool().numpy(), self.reference, frame)
        return still


def unchanged(first: Frame, second: Frame) -> Tensor:
    """Where two frames of one size differ by no more than noise: (1, 1, H, W), 1. there, else 0.

    By the channel that differs most: its mean over the 5 x 5 pixels around, and the pixel itself.
    """
    cv2 = opencv()
    red, green, blue = cv2.split(cv2.absdiff(first, second))
    change = torch.from_numpy(cv2.max(cv2.max(red, green), blue))[None, None].float()
    return ((around(change, _WINDOW) <= _NOISE) & (change <= _PIXEL)).float()
