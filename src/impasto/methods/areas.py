"""Parts of the photo that one pass paints each in its own way: in the style of their region, at their own strength."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import torch
from torch import Tensor

from impasto.engine.looks import Look, at_strength
from impasto.engine.mask import Mask
from impasto.engine.restyling import FADED, Aims
from impasto.images.packing import as_packed_as, unpacked
from impasto.images.resize import size_of
from impasto.images.strips import strips
from impasto.methods.scene import Scene

_PROTECTION = 0.5
"""Of the strength, what is left out where the photo is protected: of more a face is a photo in a painting's hole."""


@dataclass(frozen=True)
class Area:
    """A part of the photo that is painted in one way."""

    where: Mask | None
    """None for everywhere."""
    region: int | None
    """The number of the region that it belongs to; None where the photo stays."""
    strength: float


def areas(scene: Scene, protected: Mask | None) -> list[Area]:
    """The regions of the scene, what is in none of them, and what is protected by itself."""
    strength = scene.settings.strength
    found = [Area(region.here, number, strength) for number, region in enumerate(scene.regions)]
    if all(area.where for area in found):
        inside = torch.stack([area.where.pixels for area in found if area.where]).sum(0)
        found.append(Area(Mask((1 - inside).clamp(0, 1)), None, 0.0))
    split = found if not protected else _split(found, protected)
    # Nothing has no statistics: where a mask is white all over, what is outside of it is left out.
    return [area for area in split if not area.where or area.where.pixels.any()]


def _split(found: Sequence[Area], protected: Mask) -> list[Area]:
    """Each area, what is protected of it by itself; those that stay as they are need no protection."""
    split = [area for area in found if not area.strength]
    for area in (each for each in found if each.strength):
        for pixels, share in ((1 - protected.pixels, 1.0), (protected.pixels, 1 - _PROTECTION)):
            where = Mask(area.where.pixels * pixels if area.where else pixels)
            split.append(Area(where, area.region, share * area.strength))
    return split


def aims(areas: Sequence[Area], wheres: Sequence[Mask | None], own: Sequence[Look], styles: Sequence[Look]) -> Aims:
    """The looks go from each area's `own` towards that of its region among `styles`."""
    return [
        (where, at_strength(look, look if area.region is None else styles[area.region], area.strength))
        for area, where, look in zip(areas, wheres, own, strict=True)
    ]


def strength_map(area: Area, size: tuple[int, int]) -> Tensor:
    """How strongly the area is painted, (1, 1, H, W), in a picture of `size` (H, W)."""
    if area.where is None:
        return torch.full((), area.strength).expand(1, 1, *size)
    return area.strength * area.where.at(size)


def faded(painting: Tensor, photo: Tensor, areas: Sequence[Area]) -> Tensor:
    """A painting (1, 3, H, W) through which the `photo` shows where strengths are next to nothing; both may be packed.

    At strength 0 it is the photo, from `FADED` on the painting. Outside of all regions the photo is put back anyway.
    """
    if all(area.region is None or area.strength >= FADED for area in areas):
        return painting
    size = size_of(painting)
    shares = [strength_map(replace(area, strength=min(1.0, area.strength / FADED)), size) for area in areas]
    total = reduce(torch.add, shares).clamp_max(1)
    for rows in strips(*size):
        there, painted = (unpacked(each[:, :, rows]) for each in (photo, painting))
        painting[:, :, rows] = as_packed_as(painting, torch.lerp(there, painted, total[:, :, rows]))
    return painting
