"""What a picture's texture is, without where: statistics of features over all positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

_PARTS = 16
"""In which products of bfloat16 are taken, at most..."""
_PART = 512
"""...and the columns in one of them, at least."""
_PART_OF_SUMS = 1 << 14
"""Columns that are summed up at a time where they are not multiplied."""
_PART_OF_CARD = 2048
"""Columns that a part of a graphics card adds up, so that the others have work, too."""


@dataclass(frozen=True)
class Sums:
    """What `sums` gives, for losses to take in place of the features that it was made of."""

    table: Tensor
    """(B, C + 1, C + 1)."""


def sums(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """The products of every two channels of `features` (B, C, h, w), and of each with 1, summed over all positions.

    As one symmetric table (B, C + 1, C + 1) in float32 or more: the products, in the last row and column the channels'
    own sums, and in the corner how many positions there are. `mask`, (B, 1, h, w) in [0, 1], counts each position by
    its weight.
    """
    columns = features.flatten(2).mT  # (B, h*w, C)
    if mask is None:
        return cast(Tensor, _Sums.apply(columns, None))  # type: ignore[no-untyped-call]
    roots = mask.flatten(2).mT.sqrt().to(columns)
    return cast(Tensor, _Sums.apply(columns * roots, roots))  # type: ignore[no-untyped-call]


class _Sums(torch.autograd.Function):
    """Both factors are the same, so one product is their gradient, and it lies in memory as channels_last features do.

    Left to autograd there are two, added up, and both lie the other way round: on the widest maps those sums took
    longer than the products.
    """

    @staticmethod
    def forward(ctx: Any, columns: Tensor, roots: Tensor | None) -> Tensor:
        """`roots` (B, h*w, 1) are what the columns were multiplied by, None where they were not."""
        ctx.save_for_backward(columns, roots)
        first, count = _totals(columns, roots)
        last = torch.cat([first.mT, count], dim=2)
        return torch.cat([torch.cat([_products(columns, columns), first], dim=2), last], dim=1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        columns, roots = ctx.saved_tensors
        both = (gradient + gradient.mT).to(columns.dtype)
        first = both[:, -1:, :-1]
        back: Tensor = torch.baddbmm(first if roots is None else roots @ first, columns, both[:, :-1, :-1])
        return back, None


def _totals(columns: Tensor, roots: Tensor | None) -> tuple[Tensor, Tensor]:
    """What columns (B, n, C) and their weights come to, (B, C, 1) and (B, 1, 1), in float32 or more."""
    if columns.is_cuda:  # products are faster there
        weights = torch.ones_like(columns[..., :1]) if roots is None else roots
        return _products_on_card(columns, weights), _products_on_card(weights, weights)
    precise = torch.promote_types(columns.dtype, torch.float32)
    # Part by part, or all of them would be there once more. Where weights are 1, both ways are the same, bit by bit.
    parts = _parts(columns)
    if roots is None:
        firsts = [part.sum(1, keepdim=True, dtype=precise) for part in parts]
        count = firsts[0].new_full((len(columns), 1, 1), columns.shape[1])
    else:
        weighed = zip(parts, _parts(roots), strict=True)
        firsts = [(part * root).sum(1, keepdim=True, dtype=precise) for part, root in weighed]
        count = roots.square().sum(1, keepdim=True, dtype=precise)
    return torch.stack(firsts).sum(0).mT, count


def _parts(columns: Tensor) -> Sequence[Tensor]:
    """Of (B, n, C), some columns each; where they are exported all at once, as their number is not known there."""
    return (columns,) if torch.compiler.is_exporting() else torch.split(columns, _PART_OF_SUMS, 1)


def _products(one: Tensor, other: Tensor) -> Tensor:
    """(B, C, D) of (B, n, C) and (B, n, D): summed over n, in float32 or more.

    Products of bfloat16 are summed up in float32 but told in bfloat16, so they are taken part by part: what each is
    rounded by comes to a few ten-thousandths of all, in half of the time that float32 takes.
    """
    if one.is_cuda:
        return _products_on_card(one, other)
    if one.dtype.itemsize > 2:
        return one.mT @ other
    rows = max(_PART, -(-one.shape[1] // _PARTS))
    whole = one.shape[1] // rows * rows
    firsts, seconds = (each[:, :whole].view(len(each), -1, rows, each.shape[2]) for each in (one, other))
    rest = one[:, whole:].float().mT @ other[:, whole:].float()
    return (firsts.mT @ seconds).sum(1, dtype=torch.float32) + rest


def _products_on_card(one: Tensor, other: Tensor) -> Tensor:
    """The same where bfloat16 can be told in float32: many parts side by side, and not one rounded."""
    whole = one.shape[1] // _PART_OF_CARD * _PART_OF_CARD
    rest = _told_precisely(one[:, whole:], other[:, whole:])
    if not whole:
        return rest
    parts = [each[:, :whole].reshape(-1, _PART_OF_CARD, each.shape[2]) for each in (one, other)]
    products = _told_precisely(*parts)
    return products.view(len(one), -1, *products.shape[1:]).sum(1) + rest


def _told_precisely(one: Tensor, other: Tensor) -> Tensor:
    if one.is_cuda and one.dtype.itemsize <= 2:
        return torch.bmm(one.mT, other, out_dtype=torch.float32)
    return one.mT @ other


def gram_matrix(features: Tensor | Sums, mask: Tensor | None = None) -> Tensor:
    """Mean product of every two channels over all positions (Gatys et al. 2015, equation 3, divided by positions).

    `features` is (B, C, h, w); `mask`, if given, (B, 1, h, w) in [0, 1], counts each position by its weight.
    Returns (B, C, C), symmetric. Dividing by the number of positions makes it independent of the picture's size.
    """
    table = _table(features, mask)
    return table[:, :-1, :-1] / table[:, -1:, -1:]


def mean_and_covariance(features: Tensor | Sums, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The mean (B, C, 1) and the covariance (B, C, C) of `features` (B, C, h, w) over all positions.

    `mask` (B, 1, h, w) in [0, 1], if given, counts each position by its weight.
    """
    table = _table(features, mask)
    moments = table[:, :-1] / table[:, -1:, -1:]
    mean = moments[..., -1:]
    return mean, moments[..., :-1] - mean @ mean.mT


def _table(features: Tensor | Sums, mask: Tensor | None) -> Tensor:
    return features.table if isinstance(features, Sums) else sums(features, mask)


def ascending(values: Tensor) -> Tensor:
    """`values` (B, D, n), each row in ascending order.

    On the processor NumPy finds the order, in a fifth of the time that torch takes.
    """
    if values.device.type != "cpu":
        return values.sort(dim=2).values
    numbers = values.detach().to(torch.promote_types(values.dtype, torch.float32)).numpy()
    if values.requires_grad:
        return values.gather(2, torch.from_numpy(np.argsort(numbers)))
    return torch.from_numpy(np.sort(numbers)).to(values.dtype)


def quantiles(ordered: Tensor, count: int) -> Tensor:
    """`count` values (B, D, count), evenly spread, between those of `ordered` (B, D, n), which ascend in each row."""
    if ordered.shape[2] == count:
        return ordered
    return F.interpolate(ordered, size=count, mode="linear", align_corners=False)
