"""Pixels -> where faces are: three small convolutions on what the student of VGG-19 sees.

VGG-19 learned from photos of a thousand kinds of things, with people in very many of them; so has its student, and what
it knows of faces has only to be read out. What was learned for that is 48 thousand numbers; face_finder.md tells how.
"""

from pathlib import Path
from typing import Self

import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.networks import registry
from impasto.networks.features import FeatureNetwork
from impasto.networks.weights import verified

SHIPPED = Path(__file__).with_name("face_finder.safetensors")
_SHIPPED_SHA256 = "28cf4f1883a076d8ee0f2583fbb85069d7652cb1dac65c5f86503a008763cd78"
SQUARE = 16
"""Pixels a side of the squares that it tells of."""
_FINE, _COARSE = "relu4_2", "relu5_1"
_WIDTH = 16
"""Channels between the convolutions of each..."""
_MEMBERS = 5
"""...of those who were taught by different pictures, and say together what they think."""


class FaceFinder(nn.Module):
    """Tells of each square of `SQUARE` pixels a side how likely a face is there."""

    def __init__(self, seen: int) -> None:
        """Of so many channels that the student has at its two layers."""
        super().__init__()
        self.read = nn.Conv2d(seen, _MEMBERS * _WIDTH, 1)
        self.around = nn.Conv2d(_MEMBERS * _WIDTH, _MEMBERS * _WIDTH, 3, padding=1, groups=_MEMBERS)
        self.tell = nn.Conv2d(_MEMBERS * _WIDTH, 1, 1)

    @classmethod
    def shipped(cls) -> Self:
        """The one that comes with impasto. Raises `WeightsError` where its file is damaged."""
        found = safetensors.torch.load(verified(SHIPPED, _SHIPPED_SHA256, "install impasto again"))
        with torch.device("meta"):  # nothing is drawn at random, only to be overwritten
            finder = cls(found["read.weight"].shape[1])
        finder.load_state_dict({name: tensor.float() for name, tensor in found.items()}, assign=True)
        return finder.eval().requires_grad_(False)

    def forward(self, seen: Tensor) -> Tensor:
        """How likely a face is in each square (B, 1, h, w), from what was `seen` of a picture (B, C, h, w)."""
        likely: Tensor = self.tell(self.around(self.read(seen).relu()).relu()).sigmoid()
        return likely


class Eyes:
    """What a `FaceFinder` is shown of a picture: the student's features of two layers, at the size of the coarser."""

    def __init__(self) -> None:
        self._student: FeatureNetwork = registry.load("student")

    def __call__(self, image: Tensor) -> Tensor:
        """(B, C, H // SQUARE, W // SQUARE) of pixels (B, 3, H, W), sRGB in [0, 1]; a square or more a side."""
        features = self._student(image, [_FINE, _COARSE])
        return torch.cat([features[_COARSE], F.avg_pool2d(features[_FINE], 2)], 1)
