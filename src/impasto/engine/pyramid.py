"""Coarse to fine: the sizes to work at, and how the steps are shared out among them."""

from dataclasses import dataclass

from impasto.errors import SettingsError
from impasto.images.resize import scaled
from impasto.settings import SolverSettings

_FALL = 0.25
"""Steps at a size, against the next coarser one: a step costs four times as much there and has less left to do."""
_LEAST = 4
"""Steps that no size goes without, however fine: fewer would leave it an enlargement."""


@dataclass(frozen=True)
class Level:
    """One size of the pyramid."""

    size: tuple[int, int]
    """(height, width) of the picture in pixels."""
    scale: float
    """Of the finished picture: 0.25 is a quarter of its height and width."""
    steps: int
    price: float = 1.0
    """Of a step for each pixel, against that of other levels."""

    @property
    def cost(self) -> float:
        """What the level's time is proportional to."""
        return self.steps * self.size[0] * self.size[1] * self.price


def pyramid(size: tuple[int, int], smallest_scale: float, settings: SolverSettings) -> list[Level]:
    """The levels for a picture of `size` (height, width), coarsest first, the last one at full size.

    Each doubles the one before, from about `settings.coarsest` on. No level is smaller than `smallest_scale` of the
    full size, where the networks would have nothing left to look at.
    Raises `SettingsError` where there are fewer iterations than levels.
    """
    scales = [1.0]
    while max(size) * scales[0] / 2 >= settings.coarsest and scales[0] / 2 >= smallest_scale:
        scales.insert(0, scales[0] / 2)
    count = len(scales)
    if settings.iterations < count:
        raise SettingsError(f"iterations: {count} sizes need a step each. Use --iterations {count} or more.")
    shares = [_FALL**level for level in range(count)]
    least = min(_LEAST, settings.iterations // count)
    spare = settings.iterations - least * count
    steps = [least + round(spare * share / sum(shares)) for share in shares]
    steps[0] += settings.iterations - sum(steps)
    return [Level(scaled(size, scale), scale, every) for scale, every in zip(scales, steps, strict=True)]
