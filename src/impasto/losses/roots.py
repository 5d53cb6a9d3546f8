"""The trace of a matrix root in products alone, for graphics cards: they are slow at eigenvalues, and wait for each.

The root and its inverse are iterated together (Higham, Functions of Matrices, equation 6.35), and every product is
stretched as far as the smallest root allows that may still be there (Chen and Chow 2014, "A Stable Scaling of
Newton-Schulz for Improving the Sign Function Computation of a Hermitian Matrix"): 13 steps where plain ones take 28.
Roots that are smaller come out too small, and their gradients bounded.
"""

from math import sqrt
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

_SMALLEST = 1e-4
"""Of the norm's root: the smallest root that comes out as it is."""
_LEFT = 1e-4
"""What a root may be wrong by, as a share of itself, before its square."""


def trace_of_root(matrix: Tensor) -> Tensor:
    """(B,), of symmetric matrices (B, C, C) with eigenvalues above zero, in float64."""
    return cast(Tensor, _TraceOfRoot.apply(matrix))  # type: ignore[no-untyped-call]


class _TraceOfRoot(torch.autograd.Function):
    """The gradient is half of the inverse root, which is found beside it."""

    @staticmethod
    def forward(ctx: Any, matrix: Tensor) -> Tensor:
        root, inverse = _root_and_inverse(matrix)
        ctx.save_for_backward(inverse)
        return root.diagonal(dim1=1, dim2=2).sum(1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        inverse: Tensor = ctx.saved_tensors[0]
        return gradient[:, None, None] * inverse / 2


def _root_and_inverse(matrix: Tensor) -> tuple[Tensor, Tensor]:
    norm = matrix.square().sum((1, 2), keepdim=True).sqrt()
    one = torch.eye(matrix.shape[1], dtype=matrix.dtype, device=matrix.device).expand_as(matrix)
    root, inverse = matrix / norm, one
    for stretch in _STRETCHES:
        factor = torch.baddbmm(one, inverse, root, beta=1.5 * stretch, alpha=-0.5 * stretch**3)
        root, inverse = root @ factor, factor @ inverse
    return root * norm.sqrt(), inverse / norm.sqrt()


def _stretches() -> list[float]:
    """Of each step, so that it takes the smallest root, and all up to 1, as near to 1 as a step can."""
    smallest, found = _SMALLEST, []
    while 1 - smallest > _LEFT:
        stretch = sqrt(3 / (1 + smallest + smallest**2))
        smallest = stretch * smallest * (3 - (stretch * smallest) ** 2) / 2
        found.append(stretch)
    return found


_STRETCHES = _stretches()
