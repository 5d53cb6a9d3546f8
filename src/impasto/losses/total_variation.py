"""How much neighboring pixels differ: noise, and fine strokes."""

from torch import Tensor

from impasto.losses.place import Place


def total_variation(image: Tensor, place: Place | None = None) -> Tensor:
    """Mean squared difference of vertical and of horizontal neighbors of `image` (B, C, H, W): a scalar.

    The squared form of Mahendran and Vedaldi 2015 (beta = 2), as a mean.
    A picture one pixel high or wide has no neighbors that way; that part is zero. Of a part of a picture, at `place`,
    what it adds to the mean of the whole.
    """
    place = place or Place.whole(image)
    rows, columns = image.shape[2] - place.below, image.shape[3] - place.beside
    down = (image[..., 1:, :columns] - image[..., :-1, :columns]).square().sum()
    right = (image[..., :rows, 1:] - image[..., :rows, :-1]).square().sum()
    height, width, each = place.height, place.width, image.shape[0] * image.shape[1]
    return down / max(each * (height - 1) * width, 1) + right / max(each * height * (width - 1), 1)
