"""What the solvers have in common: one look at the objective."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine.parameters import Parameters

Evaluate = Callable[[Tensor], dict[str, Tensor]]
"""From pixels (1, 3, H, W) to the weighted losses by name, each a scalar: an `Objective`."""


@dataclass(frozen=True)
class Step:
    """A picture in a solver's hands, with the losses of just this picture."""

    image: Tensor
    losses: dict[str, float]

    @property
    def loss(self) -> float:
        """The weighted sum that the solver makes small."""
        return sum(self.losses.values())


def evaluate(objective: Evaluate, parameters: Parameters, numbers: Tensor) -> tuple[Step, Tensor]:
    """The step at these free numbers, and the gradient of its loss with respect to them."""
    numbers = numbers.detach().requires_grad_()
    with torch.enable_grad():
        image = parameters.picture(numbers)
        losses = objective(image)
        values = torch.stack(list(losses.values()))
        (gradient,) = torch.autograd.grad(values.sum(), numbers)
    # One transfer for all losses: the device is made to wait once, not once for each.
    step = Step(image.detach(), dict(zip(losses, values.tolist(), strict=True)))
    return step, gradient.contiguous()
