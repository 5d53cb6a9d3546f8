"""How much memory a run will take, said before it starts."""

import math

from impasto.devices import Compute, free_memory
from impasto.engine.roles import Roles
from impasto.errors import DeviceError
from impasto.losses import STYLE_LOSSES
from impasto.settings import StylizeSettings

_BYTES = 6.4
"""For each number that the backward pass keeps; measured on the CPU as 6.3, where freed memory is kept in pieces."""
_LOOK = 192
"""Numbers for each pixel while a network only looks, at its widest: a layer's input, with its border, and output."""
_BASE = 750_000_000
"""Bytes that a run takes whatever its size: the weights, and the libraries' own."""
_REGIONS = 4
"""Regions that a mask is taken to have..."""
_LAYERS = 122
"""...and the numbers for each pixel that each of them keeps: those of VGG's style layers."""
_COLUMNS = 900_000_000
"""Bytes for hypercolumns: there are never more than so many, whatever the size of the picture."""
_VECTORS = 12
"""Pictures that a solver holds besides its history: numbers, gradients, the best, the targets."""


def bytes_needed(pixels: int, roles: Roles, settings: StylizeSettings) -> int:
    """Peak memory of an optimisation of a picture with so many pixels, in bytes."""
    looks = {id(role.network): 0.0 for role in (roles.content, roles.style)}
    for role in (roles.content, roles.style):
        looks[id(role.network)] = max(looks[id(role.network)], role.floats_per_pixel)
    history = 2 * settings.history if settings.solver == "lbfgs" else 2
    parts = STYLE_LOSSES[settings.style_loss]
    # Each region of each layer is weighed by itself: how many there will be is not known yet.
    kept = sum(looks.values()) + (_REGIONS * _LAYERS if settings.mask else 0)
    columns = _COLUMNS if any(part.of == "columns" for part in parts) else 0
    return _BASE + columns + round(pixels * (_BYTES * kept + 4 * 3 * (history + _VECTORS)))


def check_memory(size: tuple[int, int], roles: Roles, settings: StylizeSettings, compute: Compute) -> None:
    """Raises `DeviceError`, naming a size that fits, where a picture of `size` (height, width) needs too much."""
    needed, free = bytes_needed(size[0] * size[1], roles, settings), free_memory(compute.device)
    if needed > free:
        fitting = int(max(size) * math.sqrt(max(0, 0.95 * (free - _BASE) / (needed - _BASE))))
        remedy = f"Use --size {fitting} or less" if fitting >= 64 else "Close other programs"
        raise DeviceError(f"the result, {_shortage(size, needed, free)}. {remedy}.")


def check_style_memory(size: tuple[int, int], compute: Compute) -> None:
    """Raises `DeviceError` where one look at a style of `size` (height, width) needs too much memory."""
    needed, free = _BASE + round(size[0] * size[1] * _BYTES * _LOOK), free_memory(compute.device)
    if needed > free:
        raise DeviceError(f"a style, {_shortage(size, needed, free)}. Use a smaller --style-scale.")


def _shortage(size: tuple[int, int], needed: int, free: int) -> str:
    gib = 2**30
    return f"{size[1]}x{size[0]} px, needs about {needed / gib:.1f} GiB of memory and {free / gib:.1f} GiB are free"
