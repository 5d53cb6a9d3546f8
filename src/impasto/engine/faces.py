"""Where faces are, so that they can be kept."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.digests import numbers_digest
from impasto.images.regions import resized_mask
from impasto.images.resize import fit, resize, resized_packed, size_of
from impasto.networks.face_finder import SQUARE, Eyes, FaceFinder
from impasto.recent import Recent

_SIDES = (544, 384, 272, 192)
"""Longer sides in pixels at which faces are looked for: at the first small ones, at the last those that fill it."""
_SURE, _LIKELY = 0.9, 0.4
"""How likely a face is where it is most so, and where it ends."""
_lately: Recent[Tensor] = Recent(16)
"""Some ten thousand numbers: who makes many pictures has the same photo or the same paintings in all of them."""


def faces(pixels: Tensor) -> Tensor:
    """Faces in a picture (1, 3, H, W), sRGB in [0, 1] or packed, as a mask (1, 1, H, W) in [0, 1] with soft edges.

    A face is one at two sizes of the picture, one after the other: what looks like one by chance seldom does. All zeros
    where there is none. Raises `WeightsError` where what finds them came damaged.
    """
    shape = size_of(pixels)
    sides = [side for side in _SIDES[:-2] if side <= 2 * max(shape)] + [*_SIDES[-2:]]  # to enlarge it shows no more
    sizes = [_in_squares(fit(*shape, side)) for side in sides]
    largest = resized_packed(pixels, sizes[0]).cpu()
    key = (*sizes, numbers_digest(largest), torch.get_num_threads())  # more threads round otherwise
    return resized_mask(_lately.get(key, lambda: _found(largest, sizes)), shape)


def _found(largest: Tensor, sizes: Sequence[tuple[int, int]]) -> Tensor:
    """Faces in a picture of the first of the sizes, square by square."""
    eyes, finder = _finder()
    with torch.inference_mode():
        seen = [finder(eyes(resize(largest, size))) for size in sizes]
    height, width = (side // SQUARE for side in sizes[0])
    likely = torch.zeros(1, 1, height, width)
    for larger, smaller in pairwise(resized_mask(each, (height, width)) for each in seen):
        likely = torch.maximum(likely, torch.minimum(larger, smaller))
    return _spread((likely >= _SURE).float(), (likely >= _LIKELY).float())


@cache
def _finder() -> tuple[Eyes, FaceFinder]:
    return Eyes(), FaceFinder.shipped()


def _spread(sure: Tensor, likely: Tensor) -> Tensor:
    """All that is `likely` and hangs together with what is `sure`."""
    while True:
        wider = F.max_pool2d(sure, 3, 1, 1) * likely
        if torch.equal(wider, sure):
            return sure
        sure = wider


def _in_squares(size: tuple[int, int]) -> tuple[int, int]:
    """About the same, in whole squares, so that all of the picture is seen."""
    height, width = (max(1, round(side / SQUARE)) * SQUARE for side in size)
    return height, width
