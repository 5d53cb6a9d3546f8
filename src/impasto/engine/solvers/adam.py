"""Adam (Kingma, Ba 2015): little memory, steady in low precision."""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from impasto.engine.parameters import PARAMETERS
from impasto.engine.solvers.step import Evaluate, State, Step, evaluate
from impasto.images.resize import size_of
from impasto.settings import SolverSettings

_LEARNING_RATE = 0.05


def adam(
    image: Tensor, objective: Evaluate, settings: SolverSettings, caution: float = 1.0, state: State | None = None
) -> Iterator[Step]:
    """Steps without end from `image` (1, 3, H, W) in [0, 1]; `caution` below 1 shortens them.

    With the `state` of a step, those that came after it; with no more of one than its `known`, steps that make use of
    what was learned elsewhere about pictures of this size.
    """
    parameters = PARAMETERS[settings.parameters](size_of(image))
    state = state or {}
    numbers = (state["numbers"] if "numbers" in state else parameters.free(image)).requires_grad_()
    rate = (settings.learning_rate or _LEARNING_RATE) * caution
    optimizer = torch.optim.Adam([numbers], lr=rate, betas=(0.9, 0.99))

    def reached() -> State:
        return {"numbers": numbers.detach(), "gradient": numbers.grad, "known": optimizer.state_dict()}

    if "known" in state:
        optimizer.load_state_dict(state["known"])
        optimizer.param_groups[0]["lr"] = rate  # what was learned with more, or less, caution
    if "gradient" in state:
        numbers.grad = state["gradient"]
        optimizer.step()
    while True:
        step, numbers.grad = evaluate(objective, parameters, numbers)
        yield replace(step, state=reached)
        optimizer.step()
