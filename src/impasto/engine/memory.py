"""How much memory a run takes: what has to fit, said before it starts, and tiles that keep the rest within bounds."""

import math
from collections.abc import Sequence

from impasto.devices import Compute, free_memory
from impasto.engine.roles import Roles
from impasto.engine.tiles import Tile, one_tile, tiles
from impasto.errors import DeviceError
from impasto.images import recolor
from impasto.losses import STYLE_LOSSES
from impasto.settings import StylizeSettings

_BYTES = 10.0
"""For each number that the backward pass keeps: at the widest layers, what passes through is several times as much."""
_BASE = 700_000_000
"""Bytes that a run takes whatever its size: the weights, and the libraries' own."""
_REGIONS = 4
"""Regions that a mask is taken to have..."""
_LAYERS = 122
"""...and the numbers for each pixel that each of them keeps: those of VGG's style layers."""
_COLUMNS = 500_000_000
"""Bytes for hypercolumns: there are never more than so many, whatever the size of the picture."""
_VECTORS = 14
"""Pictures that a run holds: content, styles, start, numbers, gradients, the best, what the solver and targets keep."""
_COPIES = 4
"""Pictures that reading a style takes."""
_LOOK = 192
"""Numbers for each pixel while a network only looks, at its widest: a layer's input, with its border, and output."""
_SMALL = 400
"""Side in pixels of what has to be looked at at once, at least: a tile and its margin."""
_WHOLE = 0.6
"""Of the memory that is free: what a picture may take that is looked at as a whole, which is quickest..."""
_TILE = 0.05
"""...and what a tile may take of one that is too large for that."""
_STEP = 64
"""Sides of tiles differ by so many pixels at least, so that a little more or less memory gives the same picture."""


class Tiling:
    """The tiles in which pictures of any size are looked at, as large as so many bytes of `free` memory allow."""

    def __init__(self, roles: Roles, settings: StylizeSettings, free: int) -> None:
        both = (roles.content, roles.style)
        self._able = can_tile(roles)
        self._unit = math.lcm(*(role.network.spec.smallest_size[layer] for role in both for layer in role.layers))
        self._margin = -(-max(role.reach for role in both) // self._unit) * self._unit
        each = _BYTES * _kept(roles, settings)
        self._most = int(_WHOLE * free / each)
        self._longest = max(self._least, _SMALL, int(math.sqrt(_TILE * free / each)) // _STEP * _STEP)

    @property
    def _least(self) -> int:
        return 2 * self._margin + 4 * self._unit

    def __call__(self, picture: tuple[int, int]) -> Sequence[Tile]:
        """The tiles of a picture (height, width); one for all of it where that fits."""
        if not self._able or picture[0] * picture[1] <= self._most:
            return one_tile(picture)
        return tiles(picture, self._longest, self._margin, self._unit)

    def shrink(self) -> bool:
        """Makes tiles half as long, because the memory did not do; false where they cannot be any smaller.

        Pictures that were looked at as a whole are looked at in tiles from now on.
        """
        if not self._able or (not self._most and self._longest == self._least):
            return False
        self._most, self._longest = 0, max(self._least, self._longest // 2)
        return True


def bytes_needed(pixels: int, roles: Roles, settings: StylizeSettings) -> int:
    """Peak memory of an optimization of a picture with so many pixels, in bytes, in tiles as small as they may be."""
    columns = _COLUMNS if any(part.of == "columns" for part in STYLE_LOSSES[settings.style_loss]) else 0
    at_once = min(pixels, _SMALL**2) if can_tile(roles) else pixels
    each = 4 * 3 * _VECTORS + recolor.bytes_of(settings.color)
    return _BASE + columns + round(each * pixels + at_once * _BYTES * _kept(roles, settings))


def check_memory(size: tuple[int, int], roles: Roles, settings: StylizeSettings, compute: Compute) -> None:
    """Raises `DeviceError`, naming a size that fits, where a picture of `size` (height, width) needs too much."""
    needed, free = bytes_needed(size[0] * size[1], roles, settings), free_memory(compute.device)
    if needed > free:
        fitting = int(max(size) * math.sqrt(max(0, 0.95 * (free - _BASE) / (needed - _BASE))))
        remedy = f"Use --size {fitting} or less" if fitting >= 64 else "Close other programs"
        raise DeviceError(f"the result, {_shortage(size, needed, free)}. {remedy}.")


def check_style_memory(size: tuple[int, int], roles: Roles, compute: Compute) -> None:
    """Raises `DeviceError` where one look at a style of `size` (height, width) needs too much memory."""
    pixels = size[0] * size[1]
    at_once = min(pixels, _SMALL**2) if can_tile(roles) else pixels
    needed, free = _BASE + round(4 * 3 * _COPIES * pixels + at_once * _BYTES * _LOOK), free_memory(compute.device)
    if needed > free:
        raise DeviceError(f"a style, {_shortage(size, needed, free)}. Use a smaller --style-scale.")


def can_tile(roles: Roles) -> bool:
    """Whether both networks may be shown a picture in parts."""
    return all(role.network.spec.reach for role in (roles.content, roles.style))


def _kept(roles: Roles, settings: StylizeSettings) -> float:
    """Numbers for each pixel that the backward pass keeps."""
    looks = {id(role.network): 0.0 for role in (roles.content, roles.style)}
    for role in (roles.content, roles.style):
        looks[id(role.network)] = max(looks[id(role.network)], role.floats_per_pixel)
    # Each region of each layer is weighed by itself: how many there will be is not known yet.
    return sum(looks.values()) + (_REGIONS * _LAYERS if settings.mask else 0)


def _shortage(size: tuple[int, int], needed: int, free: int) -> str:
    gib = 2**30
    return f"{size[1]}x{size[0]} px, needs about {needed / gib:.1f} GiB of memory and {free / gib:.1f} GiB are free"
