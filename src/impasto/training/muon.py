"""Muon (K. Jordan 2024): momentum whose matrices are made orthogonal, so that no direction of them learns faster.

Like torch.optim.Muon with `adjust_lr_fn="match_rms_adamw"` and no weight decay, but in the precision of the weights.
That one works in bfloat16, which processors without it imitate: it took longer than the network to be trained.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

_MOMENTUM = 0.95
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the polynomial that brings every singular value near 1..."""
_ROUNDS = 5
"""...when it is applied so often."""
_UPDATE = 0.2
"""Root mean square of the numbers in a step of rate 1, as Adam's steps have it."""


class Muon(torch.optim.Optimizer):
    """Steps matrices (out, in), and the weights of convolutions (out, in, h, w) as such.

    With `turning` they keep their size: where the scale of a layer means nothing, as before a normalization, it would
    grow with every step.
    """

    def __init__(self, matrices: Iterable[Tensor], lr: float = 0.0, *, turning: bool = False) -> None:
        super().__init__(matrices, {"lr": lr})
        self._turning = turning

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One step, by the gradients that the matrices have."""
        for group in self.param_groups:
            for matrix in group["params"]:
                momentum = self.state[matrix].setdefault("momentum", torch.zeros_like(matrix))
                momentum.lerp_(matrix.grad, 1 - _MOMENTUM)
                ahead = matrix.grad.lerp(momentum, _MOMENTUM).flatten(1)  # Nesterov's
                rate = group["lr"] * _UPDATE * max(ahead.shape) ** 0.5
                size = matrix.norm()
                matrix.sub_(orthogonal(ahead).view_as(matrix), alpha=rate)
                if self._turning:
                    matrix.mul_(size / matrix.norm())


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix (m, n) with singular values of about 1, from 0.7 to 1.2; a matrix of zeros stays one."""
    if matrix.shape[0] > matrix.shape[1]:
        return orthogonal(matrix.T).T
    first, third, fifth = _COEFFICIENTS
    x: Tensor = matrix / matrix.norm().clamp_min(1e-7)
    for _ in range(_ROUNDS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=third, alpha=fifth), x, beta=first)
    return x
