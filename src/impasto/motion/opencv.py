"""OpenCV, which comes with an extra."""

from importlib.util import find_spec
from types import ModuleType

import torch
from torch import Tensor

from impasto.errors import MissingExtraError


def opencv() -> ModuleType:
    """The module. Raises `MissingExtraError` where it is not installed."""
    if find_spec("cv2") is None:
        raise MissingExtraError("the motion of a film", "video")
    import cv2

    return cv2


def around(values: Tensor, side: int) -> Tensor:
    """The mean of the square around each place, (B, C, H, W), float32, on the CPU; the border is repeated.

    OpenCV needs a tenth of the time that torch takes to pool.
    """
    cv2 = opencv()
    planes = values.flatten(0, 1).contiguous().numpy()
    means = [cv2.blur(plane, (side, side), borderType=cv2.BORDER_REPLICATE) for plane in planes]
    return torch.stack([torch.from_numpy(mean) for mean in means]).view(values.shape)
