"""Where faces are, so that they can be kept."""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from impasto.errors import MissingExtraError

_SMALLEST = 0.06
"""Of the shorter side: smaller faces are not looked for."""
_NEIGHBORS = 5
"""Detections around one place that make a face."""


def faces(pixels: Tensor) -> Tensor:
    """Faces in a picture (1, 3, H, W), sRGB in [0, 1], as a mask (1, 1, H, W) in [0, 1] of soft ellipses.

    Frontal, upright ones, as a cascade of Haar features finds them (Viola, Jones 2001; Lienhart, Maydt 2002), whose
    training OpenCV ships. All zeros where there is none. Raises `MissingExtraError` where OpenCV is not installed.
    """
    if find_spec("cv2") is None:
        raise MissingExtraError("--protect faces", "faces")
    import cv2

    height, width = pixels.shape[2:]
    least = max(24, round(_SMALLEST * min(height, width)))
    gray = (pixels[0].mean(0).clamp(0, 1) * 255).byte().cpu().numpy()
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt2.xml"))
    found = cascade.detectMultiScale(gray, scaleFactor=1.05, minNeighbors=_NEIGHBORS, minSize=(least, least))
    down, right = torch.arange(height)[:, None] + 0.5, torch.arange(width)[None] + 0.5
    mask = torch.zeros(height, width)
    for left, top, across, high in found:
        # A head is higher than the square that is found in its middle.
        vertical = (down - (top + high / 2)) / (0.7 * high)
        horizontal = (right - (left + across / 2)) / (0.55 * across)
        mask = torch.maximum(mask, ((1.2 - (vertical.square() + horizontal.square()).sqrt()) / 0.4).clamp(0, 1))
    return mask[None, None]
