"""Dense optical flow by inverse search (Kroeger et al.: Fast Optical Flow using Dense Inverse Search, 2016)."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.motion.opencv import opencv

Frame = NDArray[np.uint8]
"""(H, W, 3), sRGB."""

_LEAST = 64
"""Shortest side in pixels that OpenCV's search is shown: under some 40 it has been seen to crash."""


def flow(start: Frame, end: Frame, guess: Tensor | None = None) -> Tensor:
    """Where each pixel of `start` went: (1, 2, H, W), float32, pixels (x, y). What is at p is in `end` at p + flow(p).

    The frames have one size, any size. `guess` is a flow to begin with, as for frames far apart the chain of the flows
    between them (`chained`): a search alone loses what moved by more than an eighth of the frame or so.
    OpenCV's DIS on gray, its medium preset, which refines by five variational steps at half the size; the same on any
    number of threads, and safe to call from several. A flat frame has no flow to see: where there is no guess, 0.
    Raises `MissingExtraError` where OpenCV is not installed, `ValueError` for frames of two sizes.
    """
    if start.shape != end.shape:
        raise ValueError(f"frames of one size are needed, not {start.shape} and {end.shape}")
    cv2 = opencv()
    height, width = start.shape[:2]
    below, beside = max(0, _LEAST - height), max(0, _LEAST - width)

    def shown(picture: NDArray[np.generic]) -> NDArray[np.generic]:
        """With its last row and column repeated up to what the search needs."""
        return np.pad(picture, ((0, below), (0, beside), *[(0, 0)] * (picture.ndim - 2)), mode="edge")

    grays = [shown(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)) for frame in (start, end)]
    first = None if guess is None else np.ascontiguousarray(shown(guess[0].permute(1, 2, 0).cpu().numpy()))
    # A search of its own for each call: it keeps buffers, and on small frames changes its settings for good.
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found = search.calc(*grays, None if first is None else first.astype(np.float32, copy=True))
    return torch.from_numpy(found[:height, :width]).permute(2, 0, 1)[None].contiguous()


def halved(frame: Frame) -> Frame:
    """The mean of each square of two pixels a side; a last row or column of its own is left out."""
    height, width = frame.shape[0] // 2, frame.shape[1] // 2
    if not min(height, width):
        return frame
    cv2 = opencv()
    return np.asarray(cv2.resize(frame[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA))
