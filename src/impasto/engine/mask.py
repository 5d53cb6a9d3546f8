"""How much each place of a picture counts."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from impasto.images.resize import averaged


@dataclass(frozen=True, eq=False)
class Mask:
    """How much each place of a picture counts: (1, 1, H, W) in [0, 1], at any size that is asked for."""

    pixels: Tensor
    _sizes: dict[tuple[int, int], Tensor] = field(default_factory=dict, repr=False)

    def at(self, size: tuple[int, int]) -> Tensor:
        """(1, 1, h, w) for a map of `size`."""
        if size not in self._sizes:
            self._sizes[size] = averaged(self.pixels, size)
        return self._sizes[size]


def moved(mask: Mask | None, device: torch.device) -> Mask | None:
    """The mask on a device."""
    return mask and Mask(mask.pixels.to(device))
