"""What the solvers have in common: one look at the objective."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from impasto.engine.parameters import Parameters
from impasto.images.packing import packed_if_large

Evaluate = Callable[[Tensor], dict[str, Tensor]]
"""From pixels (1, 3, H, W) to the weighted losses by name, each a scalar: an `Objective`."""


State = dict[str, Any]


@runtime_checkable
class Differentiated(Protocol):
    """One that finds the gradient (1, 3, H, W) of the sum of its losses by itself."""

    def __call__(self, image: Tensor, /) -> dict[str, Tensor]:
        """The losses by name."""

    def with_gradient(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The losses by name, and the gradient."""


@dataclass(frozen=True)
class Step:
    """A picture in a solver's hands, with the losses of just this picture."""

    image: Tensor
    """(1, 3, H, W) in [0, 1]; a very large one is packed."""
    names: tuple[str, ...]
    """Of the losses..."""
    values: Tensor
    """...and each one's value, where it was found: a graphics card need not be waited for until somebody asks."""
    state: Callable[[], State] | None = dict
    """All that its solver needs to go on from here: numbers, lists, dictionaries and tensors.

    None where the solver has gone on already.
    """

    @cached_property
    def losses(self) -> dict[str, float]:
        """By name."""
        # One transfer for all losses: the device is made to wait once, not once for each.
        return dict(zip(self.names, self.values.tolist(), strict=True))

    @property
    def loss(self) -> float:
        """The weighted sum that the solver makes small."""
        return sum(self.losses.values())


def evaluate(objective: Evaluate, parameters: Parameters, numbers: Tensor) -> tuple[Step, Tensor]:
    """The step at these free numbers, and the gradient of its loss with respect to them."""
    image = parameters.picture(numbers.detach())
    find = objective.with_gradient if isinstance(objective, Differentiated) else partial(with_gradient, objective)
    losses, of_pixels = find(image)
    gradient = parameters.gradient(numbers, image, of_pixels.contiguous())
    values = torch.stack([value.detach() for value in losses.values()])
    return Step(packed_if_large(image), tuple(losses), values), gradient


def with_gradient(objective: Evaluate, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """The losses by name of `image` (1, 3, H, W), and the gradient of their sum, in one pass there and back."""
    image = image.detach().requires_grad_()
    with torch.enable_grad():
        losses = objective(image)
        return losses, torch.autograd.grad(torch.stack(list(losses.values())).sum(), image)[0]
