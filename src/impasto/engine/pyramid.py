"""Coarse to fine: the sizes to work at, and how the steps are shared out among them."""

from dataclasses import dataclass

from impasto.errors import SettingsError
from impasto.images.resize import scaled
from impasto.settings import SolverSettings

_FALL = 0.4
"""Steps at a size, against the next coarser one: a step costs four times as much there and has less left to do."""
_LAST_WORD = 1 / 16
"""Steps of the network that has the last word, against those of the sketch before it."""
_LEAST = 3
"""Steps that nothing goes without: fewer would leave a size an enlargement, and a sketch as it was."""
_SKETCH_PRICE = 0.25
"""Time that a step takes whose network is a stand-in."""


@dataclass(frozen=True)
class Level:
    """One size of the pyramid, looked at by one network."""

    size: tuple[int, int]
    """(height, width) of the picture in pixels."""
    scale: float
    """Of the finished picture: 0.25 is a quarter of its height and width."""
    steps: int
    sketched: bool = False
    """Whether a network looks that stands in for the one that has the last word."""

    @property
    def cost(self) -> float:
        """What the level's time is proportional to."""
        return self.steps * self.size[0] * self.size[1] * (_SKETCH_PRICE if self.sketched else 1)


def pyramid(
    size: tuple[int, int], smallest_scale: float, settings: SolverSettings, sketched: bool = False
) -> list[Level]:
    """The levels for a picture of `size` (height, width), coarsest first, the last one at full size.

    Each doubles the one before, from about `settings.coarsest` on. No level is smaller than `smallest_scale` of the
    full size, where the networks would have nothing left to look at. Where there are several sizes, and all may be
    `sketched`, they are, and one more level at full size ends the search.
    Raises `SettingsError` where there are fewer iterations than levels.
    """
    scales = [1.0]
    while max(size) * scales[0] / 2 >= settings.coarsest and scales[0] / 2 >= smallest_scale:
        scales.insert(0, scales[0] / 2)
    sketches = len(scales) if sketched and len(scales) > 1 else 0
    shares = [_FALL**level for level in range(len(scales))]
    if sketches:
        scales, shares = [*scales, 1.0], [*shares, shares[-1] * _LAST_WORD]
    count = len(scales)
    if settings.iterations < count:
        raise SettingsError(f"iterations: {count} levels need a step each. Use --iterations {count} or more.")
    least = min(_LEAST, settings.iterations // count)
    spare = settings.iterations - least * count
    steps = [least + round(spare * share / sum(shares)) for share in shares]
    steps[0] += settings.iterations - sum(steps)
    return [
        Level(scaled(size, scale), scale, every, number < sketches)
        for number, (scale, every) in enumerate(zip(scales, steps, strict=True))
    ]
