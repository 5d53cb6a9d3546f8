"""What a training run tells whoever watches it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """How a training run stands."""

    step: int
    """Steps done."""
    share: float
    """Of all steps, or of the time where that ends first."""
    losses: dict[str, float]
    """By name, each the mean of the last steps: of a student the error of each layer, as a share of its teacher's
    variance; of what paints `content` and `style`, each as a share of its target, and `copy`, what a photo at strength
    0 is off by."""
    elapsed: float
    """Seconds since this run began, or went on."""
    remaining: float
    """Seconds left, estimated."""


OnReport = Callable[[Report], object]


def averaged(mean: Mapping[str, float], losses: Mapping[str, float], keep: float) -> dict[str, float]:
    """The mean with the losses of one more step, of which it keeps that share of itself."""
    return {name: keep * mean.get(name, loss) + (1 - keep) * loss for name, loss in losses.items()}
