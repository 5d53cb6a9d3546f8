"""An objective whose work a graphics card is told once, and then only told to repeat (see `captured`).

Whatever stands in the way of that, the objective does without.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from impasto.engine.captured import captured
from impasto.engine.objective import Objective
from impasto.engine.solvers.step import with_gradient
from impasto.images.resize import size_of

Found = tuple[dict[str, Tensor], Tensor]
"""The losses by name, and the gradient (1, 3, H, W)."""
WithGradient = Callable[[Tensor], Found]
"""At a picture (1, 3, H, W)."""

_PLAIN = 8
"""Looks before one is captured: a search of fewer would not win back what that takes."""


def capture(find: WithGradient, image: Tensor) -> WithGradient:
    """`find` at pictures like `image`, of the same size and on the same card.

    Raises `RuntimeError` where it does what cannot be captured, or memory is short.
    """
    names: list[str] = []

    def found(image: Tensor) -> tuple[Tensor, Tensor]:
        losses, gradient = find(image)
        names[:] = losses
        return torch.stack([value.detach() for value in losses.values()]), gradient

    work = captured(found, [image], image.device)

    def repeated(image: Tensor) -> Found:
        values, gradient = work(image)
        # The next one overwrites both.
        return dict(zip(names, values.clone().unbind(), strict=True)), gradient.clone()

    return repeated


class Graphed:
    """An `Objective` for pictures of one size that are looked at as a whole."""

    def __init__(self, objective: Objective, capture: Callable[[WithGradient, Tensor], WithGradient] = capture) -> None:
        self._objective, self._capture = objective, capture
        self._find: WithGradient = objective.with_gradient
        self._looks = 0

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Each term's weighted value, as the objective tells it."""
        return self._objective(image)

    def with_gradient(self, image: Tensor) -> Found:
        """The same values, and the gradient of their sum."""
        if self._looks == _PLAIN and _is_whole(self._objective, image):
            self._find = self._captured(image)
        self._looks += 1
        return self._find(image)

    def _captured(self, image: Tensor) -> WithGradient:
        try:
            return self._capture(lambda shown: with_gradient(self._objective, shown), image)
        except RuntimeError:
            return self._objective.with_gradient


def graphed(objective: Objective, device: torch.device) -> Objective | Graphed:
    """The objective, its work captured where the device can do that."""
    return Graphed(objective) if device.type == "cuda" else objective


def _is_whole(objective: Objective, image: Tensor) -> bool:
    return len(objective.cut(size_of(image))) == 1
