"""How broadly the light of a picture varies, and how to even it out.

Broad is what varies between cells: squares of which twenty lie side by side in a square of the picture's area.
"""

from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.images.packing import as_packed_as, unpacked
from impasto.images.resize import averaged, same_area, sampled, size_of
from impasto.images.strips import strips

_CELLS = 20
_LEAST = 0.5
"""What is always left of a picture's broad light: it should be known by it."""
_LOOKED_AT = 256
"""Rows, and columns, of a picture that are looked at, at most."""


def light_of(picture: Tensor, where: Tensor | None = None) -> tuple[Tensor, float]:
    """The lightness of each cell of a picture, (1, 1, rows, columns) in Oklab, and how broadly it varies.

    Of a picture (1, 3, H, W), packed or not, counted by `where` (1, 1, H, W). How broadly is the variance between
    cells, divided by that within them: infinite where there is nothing but the former, and no number where there is
    neither.
    """
    light = srgb_to_oklab(unpacked(sampled(picture, _LOOKED_AT)))[:, :1].double()
    counts = torch.ones_like(light) if where is None else sampled(where, _LOOKED_AT).to(light)
    height, width = same_area(*size_of(picture), _CELLS)
    size = min(height, light.shape[2]), min(width, light.shape[3])
    share = averaged(counts, size)
    cells = averaged(light * counts, size) / share.clamp_min(1e-12)
    mean = (cells * share).sum() / share.sum()
    between = ((cells - mean) ** 2 * share).sum() / share.sum()
    everywhere = ((light - mean) ** 2 * counts).sum() / counts.sum()
    return cells, float(between / (everywhere - between).clamp_min(0))


def left_of(broad: float, most: float) -> float:
    """What is to be left of the broad light of a picture that varies so broadly, to vary no more so than `most`.

    A factor for what differs between its cells, in [0.5, 1].
    """
    return min(1.0, max(_LEAST, sqrt(most / broad))) if most < broad else 1.0


def evened(picture: Tensor, left: float) -> Tensor:
    """A picture (1, 3, H, W), packed or not, of whose broad light so much is `left`: mean, colors and details stay."""
    if left == 1:
        return picture
    cells, _ = light_of(picture)
    added = (left - 1) * (cells - cells.mean()).float()
    result = torch.empty_like(picture)
    for rows in strips(*size_of(picture)):
        colors = srgb_to_oklab(unpacked(picture[:, :, rows]))
        colors[:, :1] += enlarged(added, size_of(picture), rows.start, rows.stop)
        result[:, :, rows] = as_packed_as(picture, oklab_to_srgb(colors))
    return result


def enlarged(cells: Tensor, size: tuple[int, int], first: int, last: int) -> Tensor:
    """The rows from `first` to before `last` of cells (1, 1, h, w) that are smoothly enlarged to a `size`."""
    height, width = size
    down = (torch.arange(first, last) + 0.5) / height * 2 - 1
    right = (torch.arange(width) + 0.5) / width * 2 - 1
    places = torch.stack(torch.meshgrid(right, down, indexing="xy"), -1)[None].to(cells)  # (1, rows, width, 2): x, y
    return F.grid_sample(cells, places, mode="bicubic", padding_mode="border", align_corners=False)
