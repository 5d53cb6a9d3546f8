"""Stand-ins for networks, small enough to see through."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.networks import NetworkSpec


class SmallNetwork(torch.nn.Module):
    """Two fixed random convolutions: `fine` at full size, `coarse` at half size. Counts its passes."""

    def __init__(self, scale: float = 1.0, name: str = "small") -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(7)
        self.first = torch.nn.Parameter(torch.randn(6, 3, 3, 3, generator=draw) * scale, requires_grad=False)
        self.second = torch.nn.Parameter(torch.randn(8, 6, 3, 3, generator=draw) * 0.3, requires_grad=False)
        self.passes = 0
        self.spec = NetworkSpec(
            name=name,
            layers=("fine", "coarse"),
            content_layers=("coarse",),
            style_layers=("fine", "coarse"),
            smallest_size={"fine": 1, "coarse": 2},
            memory_per_pixel={"fine": 12, "coarse": 20},
            reach={"fine": 1, "coarse": 3},
        )

    def each(self, image: Tensor, layers: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        yield from self(image, layers).items()

    def forward(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        self.passes += 1
        fine = F.relu(F.conv2d(image.to(self.first), self.first, padding=1))
        coarse = F.relu(F.conv2d(F.avg_pool2d(fine, 2), self.second, padding=1))
        return {name: {"fine": fine, "coarse": coarse}[name] for name in layers}
