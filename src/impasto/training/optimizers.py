"""Several optimizers that step together, each at a rate of its own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam, Optimizer


def adam(parameters: Iterable[Tensor]) -> Adam:
    """Adam as all that trains has it: the rate comes with each step."""
    return Adam(parameters, betas=(0.9, 0.99))


class Optimizers:
    """Optimizers with their rates, which one pace makes longer or shorter."""

    def __init__(self, rates: Mapping[Optimizer, float]) -> None:
        self._rates = rates

    def step(self, pace: float) -> None:
        """One step of each, at `pace` times its rate, by the gradients that its parameters have."""
        for optimizer, rate in self._rates.items():
            for group in optimizer.param_groups:
                group["lr"] = pace * rate
            optimizer.step()

    def state(self) -> list[dict[str, Any]]:
        """What they remember, in their order."""
        return [optimizer.state_dict() for optimizer in self._rates]

    def take(self, state: Sequence[dict[str, Any]]) -> None:
        """Goes on from a `state`. Raises `ValueError` for one of other optimizers."""
        for optimizer, kept in zip(self._rates, state, strict=True):
            optimizer.load_state_dict(kept)

    def to(self, device: torch.device) -> None:
        """Takes what they remember to a device: they may have gone on from a checkpoint."""
        for optimizer in self._rates:
            for remembered in optimizer.state.values():
                for name, value in remembered.items():
                    if isinstance(value, Tensor) and name != "step":
                        remembered[name] = value.to(device)
