"""A few rows of very many numbers each, multiplied the way that a graphics card is quick at.

A product of two long rows is a sum that one of its processors would have for itself; cut into parts, all have some.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_PART = 4096
"""Numbers that are added up in one place."""


class LongRows:
    """Rows (count, n) in memory of their own."""

    def __init__(self, count: int, like: Tensor) -> None:
        """`count` rows of zeros, each as long as all of `like`, and as exact."""
        self._length = like.numel()
        self._table = like.new_zeros(count, -(-self._length // _PART), _PART)

    @property
    def rows(self) -> Tensor:
        """(count, n), the memory itself."""
        return self._table.flatten(1)[:, : self._length]

    def products(self, *vectors: Tensor) -> Tensor:
        """Of each row with each of `vectors`, of any shape, each n numbers: (count, vectors)."""
        columns = torch.stack([vector.reshape(-1) for vector in vectors])
        padded = F.pad(columns, (0, self._table[0].numel() - self._length)).view(len(vectors), -1, _PART)
        # A matrix for each part, all at once: (parts, count, _PART) and (parts, _PART, vectors).
        return torch.bmm(self._table.transpose(0, 1), padded.permute(1, 2, 0)).sum(0)

    def added_to(self, total: Tensor, times: Tensor) -> Tensor:
        """`total`, of any shape, n numbers, and each row so many `times` (count,)."""
        return torch.addmv(total.reshape(-1), self.rows.T, times.to(total.dtype)).view_as(total)
