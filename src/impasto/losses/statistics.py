"""What a picture's texture is, without where: statistics of features over all positions."""

from functools import lru_cache
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable


def gram_matrix(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean product of every two channels over all positions (Gatys et al. 2015, equation 3, divided by positions).

    `features` is (B, C, h, w); `mask`, if given, (B, 1, h, w) in [0, 1], counts each position by its weight.
    Returns (B, C, C), symmetric. Dividing by the number of positions makes it independent of the picture's size.
    """
    flat = features.flatten(2)  # (B, C, h*w)
    if mask is None:
        return products(flat) / flat.shape[2]
    weights = mask.flatten(2)  # (B, 1, h*w)
    return products(flat * weights.sqrt()) / weights.sum(2, keepdim=True)


def products(flat: Tensor) -> Tensor:
    """The product (B, C, C) of every two rows of `flat` (B, C, n): flat @ flat.mT, with a cheaper gradient."""
    return cast(Tensor, _Products.apply(flat.mT))  # type: ignore[no-untyped-call]


class _Products(torch.autograd.Function):
    """Both factors are the same, so one product is their gradient, and it lies in memory as channels_last features do.

    Left to autograd there are two, added up, and both lie the other way round: on the widest maps those sums took
    longer than the products.
    """

    @staticmethod
    def forward(ctx: Any, columns: Tensor) -> Tensor:
        ctx.save_for_backward(columns)
        product: Tensor = columns.mT @ columns
        return product

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (columns,) = ctx.saved_tensors
        back: Tensor = columns @ (gradient + gradient.mT)
        return back


def mean_and_deviations(features: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The mean (B, C, 1) of `features` (B, C, h, w) over all positions, and how far each position is from it.

    The deviations X (B, C, h*w) are scaled so that X @ X.mT is the covariance (B, C, C). `mask` (B, 1, h, w) in [0, 1],
    if given, counts each position by its weight.
    """
    flat = features.flatten(2)
    weights = torch.ones_like(flat[:, :1]) if mask is None else mask.flatten(2)
    shares = weights / weights.sum(2, keepdim=True)
    mean = (flat * shares).sum(2, keepdim=True)
    return mean, (flat - mean) * shares.sqrt()


def quantiles(ordered: Tensor, count: int) -> Tensor:
    """`count` values (B, D, count), evenly spread, between those of `ordered` (B, D, n), which ascend in each row."""
    if ordered.shape[2] == count:
        return ordered
    return F.interpolate(ordered, size=count, mode="linear", align_corners=False)


def positions(features: Tensor, most: int, mask: Tensor | None = None) -> Tensor:
    """Features (B, C, n) of `features` (B, C, h, w) at `most` positions or fewer: all, or so many spread at random.

    Always the same ones for the same shape and mask, so that a loss over them is a function. Where `mask` (B, 1, h, w)
    in [0, 1] is given, a position is taken as often as it weighs.
    """
    flat = features.flatten(2)
    count = min(most, flat.shape[2])
    if mask is None and count == flat.shape[2]:
        return flat
    if mask is None:
        chosen = _spread(flat.shape[2], count, flat.device).expand(len(flat), -1)
    else:
        weights = mask.flatten(2)[:, 0].cpu()
        count = min(count, int(weights.count_nonzero(1).max()))
        chosen = _weighted(weights, count).to(flat.device)
    return torch.stack([each.index_select(0, numbers) for each, numbers in zip(flat.mT, chosen, strict=True)]).mT


@lru_cache(maxsize=16)
def _spread(positions: int, count: int, device: torch.device) -> Tensor:
    return _weighted(torch.ones(1, positions), count).to(device)


def _weighted(weights: Tensor, count: int) -> Tensor:
    """The numbers (B, count) of positions, each taken as often as its `weights` (B, n) say.

    They are laid end to end in random order, each as long as it weighs, and then taken at even distances.
    """
    order = torch.randperm(weights.shape[1], generator=torch.Generator().manual_seed(0))
    ends = weights[:, order].double().cumsum(1)
    marks = (torch.arange(count) + 0.5) / count * ends[:, -1:]
    return order[torch.searchsorted(ends, marks).clamp_max(len(order) - 1)]
