"""How much memory a run will take, said before it starts."""

import math

from impasto.devices import Compute, free_memory
from impasto.engine.roles import Roles
from impasto.errors import DeviceError
from impasto.settings import SolverSettings

_BYTES = 4.8
"""For each number that the backward pass keeps; measured on the CPU as 4.2 in float32 and 4.8 in bfloat16."""
_BASE = 500_000_000
"""Bytes that a run takes whatever its size: the weights, and the libraries' own."""
_VECTORS = 12
"""Pictures that a solver holds besides its history: numbers, gradients, the best, the targets."""


def bytes_needed(pixels: int, roles: Roles, settings: SolverSettings, compute: Compute) -> int:
    """Peak memory of an optimisation of a picture with so many pixels, in bytes."""
    looks = {id(role.network): 0.0 for role in (roles.content, roles.style)}
    for role in (roles.content, roles.style):
        looks[id(role.network)] = max(looks[id(role.network)], role.floats_per_pixel)
    history = 2 * settings.history if settings.solver == "lbfgs" else 2
    per_pixel = _BYTES * sum(looks.values()) + 4 * 3 * (history + _VECTORS)
    return _BASE + round(pixels * per_pixel)


def check_memory(size: tuple[int, int], roles: Roles, settings: SolverSettings, compute: Compute) -> None:
    """Raises `DeviceError`, naming a size that fits, where a picture of `size` (height, width) needs too much."""
    height, width = size
    needed = bytes_needed(height * width, roles, settings, compute)
    free = free_memory(compute.device)
    if needed <= free:
        return
    line = f"{width}x{height} needs about {needed / 2**30:.1f} GiB of memory and {free / 2**30:.1f} GiB are free"
    if free <= _BASE:
        raise DeviceError(f"{line}. Close other programs.")
    share = math.sqrt(0.95 * (free - _BASE) / (needed - _BASE))
    raise DeviceError(f"{line}. Use --size {int(max(size) * share)} or less.")
