"""Parts of a feature map: a loss may be shown a large picture in pieces."""

from dataclasses import dataclass
from typing import Self

import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Place:
    """Where the features of a part of a picture lie among those of the whole."""

    top: int
    left: int
    height: int
    """Of the whole..."""
    width: int
    """...in positions."""
    below: int = 0
    """Rows that are shown below it, and belong to another part..."""
    beside: int = 0
    """...and columns to its right."""

    @classmethod
    def whole(cls, features: Tensor) -> Self:
        """That of all there is."""
        return cls(0, 0, features.shape[2], features.shape[3])

    def cut(self, everywhere: Tensor, part: Tensor) -> Tensor:
        """What `everywhere` (B, C, height, width) has where `part` (B, C, h, w) lies."""
        return everywhere[..., self.top : self.top + part.shape[2], self.left : self.left + part.shape[3]]

    def put(self, part: Tensor) -> Tensor:
        """The whole map, with `part` (B, C, h, w) in its place and zeros around it."""
        below, right = self.height - self.top - part.shape[2], self.width - self.left - part.shape[3]
        return F.pad(part, (self.left, right, self.top, below)) if below or right or self.top or self.left else part
