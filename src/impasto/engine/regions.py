"""Which part of the picture is painted from which part of which style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine.mask import Mask
from impasto.images.recolor import Part
from impasto.images.resize import size_of


@dataclass(frozen=True)
class Region:
    """A part of the picture, and the parts of the styles that it is painted from."""

    name: str
    """Empty for the whole picture."""
    here: Mask | None
    """Where it is in the picture; None for everywhere."""
    there: Sequence[Mask | None]
    """Where in each style it is painted from; None for everywhere."""
    shares: Sequence[float]
    """The weight of each style; together the region's share of the picture."""


def whole(shares: Sequence[float]) -> list[Region]:
    """The whole picture, painted from all of each style."""
    return [Region("", None, [None] * len(shares), shares)]


def regions(
    shares: Sequence[float], content: Mapping[str, Tensor], styles: Sequence[Mapping[str, Tensor | None]] = ()
) -> list[Region]:
    """A region for each name in the map of the content that some style's map has as well.

    Maps hold masks (1, 1, H, W) in [0, 1] by name, those of a style also None, for all of it. Without maps of the
    styles, all that is not black is painted from all of them. What is in no region stays the photo: see
    `untouched_outside`.
    """
    if not styles:
        light = sum((where for name, where in content.items() if name != "black"), torch.zeros(()))
        content = {"painted": light} if light.any() else {}
    found = []
    for name, where in content.items():
        having = [share if not styles or _is_in(styles[number], name) else 0.0 for number, share in enumerate(shares)]
        if sum(having) and where.any():
            area = float(where.mean())
            there = [_mask(style.get(name)) for style in styles] or [None] * len(shares)
            found.append(Region(name, Mask(where), there, [area * share / sum(having) for share in having]))
    return found


def parts(regions: Sequence[Region], number: int) -> list[Part]:
    """Where each region is in the picture, and where in the style of that number it is painted from."""
    painted = [region for region in regions if region.shares[number]]
    return [(_pixels(region.here), _pixels(region.there[number])) for region in painted]


def own_parts(regions: Sequence[Region], size: tuple[int, int]) -> list[Part]:
    """Where each region is in a picture of `size`, twice: a painting takes the colors of its photo region by region."""
    masks = [region.here.at(size) if region.here else None for region in regions]
    return list(zip(masks, masks, strict=True))


def untouched_outside(regions: Sequence[Region], painted: Tensor, photo: Tensor) -> Tensor:
    """The painted picture in all regions, the photo where none is, and between them what the masks say."""
    masks = [region.here for region in regions]
    if any(mask is None for mask in masks):
        return painted
    inside = torch.stack([mask.at(size_of(painted)) for mask in masks if mask]).sum(0).clamp(0, 1)
    return torch.lerp(photo, painted, inside)


def _is_in(style: Mapping[str, Tensor | None], name: str) -> bool:
    where = style.get(name)
    return name in style and (where is None or bool(where.any()))


def _mask(pixels: Tensor | None) -> Mask | None:
    return None if pixels is None else Mask(pixels)


def _pixels(mask: Mask | None) -> Tensor | None:
    return None if mask is None else mask.pixels
