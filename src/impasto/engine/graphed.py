"""An objective whose work a graphics card is told once, and then only told to repeat (see `captured`).

Whatever stands in the way of that, the objective does without.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from impasto.engine.captured import captured
from impasto.engine.objective import Objective
from impasto.engine.solvers.step import slope_of

Found = tuple[dict[str, Tensor], Tensor]
"""The losses by name, and the gradient (1, 3, H, W)."""
Look = Callable[[Tensor], Found]
"""At a picture (1, 3, H, W)."""

_PLAIN = 8
"""Looks before one is captured: a search of fewer would not win back what that takes."""


def capture(look: Look, image: Tensor) -> Look:
    """`look` at pictures like `image`, of the same size and on the same card.

    Raises `RuntimeError` where it does what cannot be captured, or memory is short.
    """
    names: list[str] = []

    def found(image: Tensor) -> tuple[Tensor, Tensor]:
        losses, slope = look(image)
        names[:] = losses
        return torch.stack([value.detach() for value in losses.values()]), slope

    work = captured(found, [image], image.device)

    def repeated(image: Tensor) -> Found:
        values, slope = work(image)
        return dict(zip(names, values.clone().unbind(), strict=True)), slope.clone()  # the next one overwrites both

    return repeated


class Graphed:
    """An `Objective` for pictures of one size that are looked at as a whole."""

    def __init__(self, objective: Objective, capture: Callable[[Look, Tensor], Look] = capture) -> None:
        self._objective, self._capture = objective, capture
        self._look: Look = objective.slope
        self._looks = 0

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Each term's weighted value, as the objective tells it."""
        return self._objective(image)

    def slope(self, image: Tensor) -> Found:
        """The same values, and the gradient of their sum."""
        if self._looks == _PLAIN and _is_whole(self._objective, image):
            self._look = self._captured(image)
        self._looks += 1
        return self._look(image)

    def _captured(self, image: Tensor) -> Look:
        try:
            return self._capture(lambda shown: slope_of(self._objective, shown), image)
        except RuntimeError:
            return self._objective.slope


def graphed(objective: Objective, device: torch.device) -> Objective | Graphed:
    """The objective, its work captured where the device can do that."""
    return Graphed(objective) if device.type == "cuda" else objective


def _is_whole(objective: Objective, image: Tensor) -> bool:
    return len(objective.cut((image.shape[2], image.shape[3]))) == 1
