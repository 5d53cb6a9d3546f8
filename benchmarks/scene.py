"""Photo and style as a run has them at one size."""

from torch import Tensor

import impasto
from impasto.images import PictureLike
from impasto.images.resize import fit, same_area


def opened(content: PictureLike, style: PictureLike, size: int) -> tuple[Tensor, Tensor]:
    """Both (1, 3, H, W): the photo with its longer side `size`, the style in its own shape with as many pixels."""
    settings = impasto.StylizeSettings()
    photo = impasto.images.read(content, settings, lambda h, w: fit(h, w, size)).pixels
    side = (photo.shape[2] * photo.shape[3]) ** 0.5
    return photo, impasto.images.read(style, settings, lambda h, w: same_area(h, w, side)).pixels
