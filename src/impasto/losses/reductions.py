"""What a loss needs of a feature map, small and a sum over positions: so a large picture can be looked at in parts.

A reduction turns the features of one part of a picture into a tensor whose size does not depend on the part. Those of
all parts, added up, are those of the whole, exactly; and the gradient of a loss with respect to the sum is all that a
part has to know of the others. A loss takes what is reduced in place of the features themselves.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.losses.place import Place
from impasto.losses.positions import chosen_positions
from impasto.losses.statistics import Sums, sums


class Reduction:
    """Called with a part's features (B, C, h, w), its place and a plan; the results of all parts are added up."""

    rounded: ClassVar[bool] = False
    """Whether it takes features as the network gives them; else they are in float32 or more."""

    def plan(self, size: tuple[int, int], mask: Tensor | None) -> Any:
        """What every part needs to know, made once, for maps of `size`, counted by `mask` (B, 1, height, width)."""

    def __call__(self, features: Tensor, place: Place, plan: Any) -> Tensor:
        """What the part adds."""
        raise NotImplementedError

    def shown(self, total: Tensor) -> Any:
        """The sum over all parts, as losses take it in place of features: the sum itself, if nothing else is said."""
        return total

    def black(self, shown: Any) -> Any:
        """What would be shown in its place if all features were zero: zeros, if nothing else is said."""
        return torch.zeros_like(shown)


@dataclass(frozen=True)
class Everything(Reduction):
    """No reduction: the map itself."""

    def __call__(self, features: Tensor, place: Place, plan: None) -> Tensor:
        return place.put(features)


@dataclass(frozen=True)
class MomentSums(Reduction):
    """Sums of the features and of their products: all that mean, covariance and Gram matrix are made of."""

    rounded = True

    def plan(self, size: tuple[int, int], mask: Tensor | None) -> Tensor | None:
        """The mask."""
        return mask

    def __call__(self, features: Tensor, place: Place, plan: Tensor | None) -> Tensor:
        return sums(features, None if plan is None else place.cut(plan, features))

    def shown(self, total: Tensor) -> Sums:
        return Sums(total)

    def black(self, shown: Sums | Tensor) -> Sums | Tensor:
        if isinstance(shown, Tensor):  # features that nobody has summed up
            return torch.zeros_like(shown)
        nothing = torch.zeros_like(shown.table)
        nothing[:, -1, -1] = shown.table[:, -1, -1]
        return Sums(nothing)


@dataclass(frozen=True)
class Sample(Reduction):
    """Features at so many positions, or at all where there are fewer, as a map (B, C, n, 1)."""

    most: int

    def plan(self, size: tuple[int, int], mask: Tensor | None) -> Tensor:
        """The numbers (B, n) of the positions."""
        return chosen_positions(size, self.most, mask)

    def __call__(self, features: Tensor, place: Place, plan: Tensor) -> Tensor:
        down, right = plan // place.width - place.top, plan % place.width - place.left
        height, width = features.shape[2:]
        here = (down >= 0) & (down < height) & (right >= 0) & (right < width)
        numbers = torch.where(here, down * width + right, 0).expand(len(features), -1)
        rows = zip(features.flatten(2).mT, numbers, strict=True)
        taken = torch.stack([each.index_select(0, chosen) for each, chosen in rows])  # (B, n, C)
        return torch.where(here[..., None], taken, 0).mT[..., None]


@dataclass(frozen=True)
class Grid(Reduction):
    """Means over the fields of a grid with `most` a side, or a field for each position where there are fewer."""

    most: int

    def plan(self, size: tuple[int, int], mask: Tensor | None) -> list[Tensor]:
        """For rows and columns the share (fields, positions) that each position has in each field."""
        return [
            F.adaptive_avg_pool1d(torch.eye(positions)[None], min(positions, self.most))[0].mT for positions in size
        ]

    def __call__(self, features: Tensor, place: Place, plan: list[Tensor]) -> Tensor:
        starts = zip(plan, (place.top, place.left), features.shape[2:], strict=True)
        rows, columns = (share[:, start : start + size].to(features) for share, start, size in starts)
        return torch.einsum("gh,bchw,kw->bcgk", rows, features, columns)
