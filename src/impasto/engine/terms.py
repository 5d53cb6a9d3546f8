"""Losses on what they are shown, each weighted, and as a share of what it would be for a black picture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from impasto.engine.mask import Mask
from impasto.engine.sights import Sight, counted
from impasto.images.resize import size_of
from impasto.images.strips import strips
from impasto.losses import Everything, FeatureLoss, Place, Reduction

_NOTHING = 1e-24
"""What a loss is for a black feature map where the target is as good as black itself..."""
_EMPTY = 1e-8
"""...which counts as this: an empty feature map must not divide by zero."""


@dataclass(frozen=True)
class Term:
    """One loss on one sight, weighted: `name` is what the trace calls it."""

    name: str
    weight: float
    sight: Sight
    loss: Callable[[Any], Tensor]
    """Of what the sight shows."""


def loss_terms(
    name: str,
    loss: FeatureLoss,
    looks: Sequence[Mapping[str, Any]],
    weights: Mapping[str, float],
    weight: float,
    *,
    there: Sequence[Mask] | None = None,
    here: Mask | None = None,
) -> list[Term]:
    """Terms that pull what is seen towards what was seen in `looks`, by each name of `weights`: together `weight`.

    `looks` are several looks at the same picture, turned, or one: what the loss's reduction shows, by layer. `there`
    says for each what counts in it where nothing was reduced, `here` what counts in the picture that is pulled.

    Each loss is divided by what it would be for a black feature map, so that 1 always means "as wrong as nothing":
    this is what makes the same settings look the same for every network, layer and size of picture.
    """
    whole = weight * loss.pull / sum(weights.values())
    terms = []
    for of, share in weights.items():
        seen = [look[of] for look in looks]
        make = _pointwise if loss.pointwise else _relative
        sight, distance = make(of, loss, seen, there, here)
        terms.append(Term(f"{name} {of}", whole * share, sight, distance))
    return terms


def _size(black: Tensor) -> float:
    """What a loss is divided by, of what it is for a black feature map: that itself, however small features are."""
    size = float(black)
    return size if size > _NOTHING else _EMPTY


def _relative(
    of: str, loss: FeatureLoss, seen: Sequence[Any], there: Sequence[Mask] | None, here: Mask | None
) -> tuple[Sight, Callable[[Any], Tensor]]:
    """The sight, and the loss on what it shows as a share of that of a black feature map."""
    counts = isinstance(loss.reduce, Everything)  # else the reduction has counted the mask in
    with torch.no_grad():
        looks = zip(there, seen, strict=True) if there and counts else ()
        masks = [mask.at(size_of(each)).to(each) for mask, each in looks]
        target = loss.target(_in_a_row(seen), _in_a_row(masks) if masks else None)
        black = loss.distance(loss.reduce.black(seen[0]), target, masks[0] if masks else None)
        scale = loss.unit or _size(black)

    def distance(shown: Any) -> Tensor:
        where = here.at(size_of(shown)).to(shown) if here and counts else None
        value: Tensor = loss.distance(shown, target, where) / scale
        return value

    return counted(of, loss, here), distance


def _pointwise(
    of: str, loss: FeatureLoss, seen: Sequence[Tensor], there: Sequence[Mask] | None, here: Mask | None
) -> tuple[Sight, Callable[[Any], Tensor]]:
    """The sight that is the loss itself: each position has a target of its own."""
    (look,) = seen
    mask = there[0].at(size_of(look)).to(look) if there else None
    compared = Compared(loss, loss.target(look, mask))
    scale = _size(compared.with_black(mask))
    return Sight(of, compared, here), lambda value: value / scale


@dataclass(frozen=True)
class Summed(Reduction):
    """A loss of pixels and their neighbors, of which each part knows its share."""

    loss: Callable[[Tensor, Place], Tensor]

    def __call__(self, features: Tensor, place: Place, plan: None) -> Tensor:
        return self.loss(features, place)


@dataclass(frozen=True, eq=False)
class Compared(Reduction):
    """The loss of a part against its own part of a target, as its share of the mean over the whole."""

    loss: FeatureLoss
    target: Tensor
    """(1, C, h, w)."""

    def plan(self, size: tuple[int, int], mask: Tensor | None) -> Tensor | None:
        """The mask."""
        return mask

    def __call__(self, features: Tensor, place: Place, plan: Tensor | None) -> Tensor:
        target = place.cut(self.target, features).to(features.dtype)
        if plan is None:
            share = features.shape[2] * features.shape[3] / (place.height * place.width)
            value: Tensor = share * self.loss.distance(features, target, None)
            return value
        mask = place.cut(plan, features).to(features)
        return self.loss.distance(features, target, mask) * mask.sum() / plan.sum()

    def with_black(self, mask: Tensor | None) -> Tensor:
        """The loss of a map of zeros, counted by `mask`: a few rows at a time, as a map may be very large."""
        height, width = size_of(self.target)
        precise = torch.promote_types(self.target.dtype, torch.float32)
        parts = [
            self(torch.zeros_like(self.target[:, :, rows], dtype=precise), Place(rows.start, 0, height, width), mask)
            for rows in strips(height, width * self.target.shape[1])
        ]
        return torch.stack(parts).sum()


def _in_a_row(looks: Sequence[Any]) -> Any:
    """All positions of several looks together, (B, C, n, 1); a single one as it is."""
    if len(looks) == 1:
        return looks[0]
    return torch.cat([look.flatten(2) for look in looks], dim=2)[..., None]
