"""The look of a style -> the hand that paints it: how much each of the changes counts that a network knows to make.

A network of fixed filters paints all styles with the same hand. Here each convolution that paints also has a number of
changes, products of two thin vectors each, that come on top of its weights; a style says by its statistics how much of
each. So the filters are the style's own, in one matrix product a picture, and the painting itself takes no longer. As
D. Ha et al. 2017, "HyperNetworks", have weights made by a network, of low rank as in E. Hu et al. 2022, "LoRA".
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from impasto.networks.convolution import Convolution, bordered

CHANGES = 64
"""Of each convolution that paints."""
_PROBES = 64
"""Directions at each level in which a style's spread is looked at."""
_HIDDEN = 128
_FAINT = 1e-6


class Hand(nn.Module):
    """Reads statistics of a style, level by level, and says how much each of `count` changes counts."""

    def __init__(self, widths: Sequence[int], count: int) -> None:
        super().__init__()
        self.probes = nn.ParameterList([torch.randn(width, _PROBES) * width**-0.5 for width in widths])
        self.read = nn.Sequential(
            nn.Linear(sum(widths) + len(widths) * _PROBES, _HIDDEN),
            nn.GELU(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.GELU(),
            nn.Linear(_HIDDEN, count),
        )

    def forward(self, means: Sequence[Tensor], roots: Sequence[Tensor]) -> Tensor:
        """(B, count, 1) of means (B, C, 1) and symmetric roots of covariances (B, C, C)."""
        seen = []
        for mean, root, probes in zip(means, roots, self.probes, strict=True):
            spread = ((root @ probes) * probes).sum(1)
            # Only what is large beside what means something, not how large all of it is.
            size = (mean.square().mean((1, 2)) + root.square().sum((1, 2)) / root.shape[1]).sqrt()[:, None]
            seen += [each / size.clamp_min(_FAINT) for each in (mean[:, :, 0], spread)]
        return cast(Tensor, self.read(torch.cat(seen, 1)))[:, :, None]


class PaintingConvolution(Convolution):
    """One that a hand can change."""

    own: slice
    """Where in a hand its changes are."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__(channels, out)
        self.thin = nn.Parameter(torch.empty(CHANGES, 9 * channels))
        if not self.thin.is_meta:
            # By a chance of its own: what is drawn for all else is as without a hand.
            chance = torch.Generator().manual_seed(channels)
            nn.init.normal_(self.thin, std=(9 * channels) ** -0.5, generator=chance)
        self.wide = nn.Parameter(torch.zeros(out, CHANGES))

    def forward(self, image: Tensor, hand: Tensor | None = None) -> Tensor:
        """Features (B, out, H, W) of `image` (B, in, H, W), as changed by a hand (B, N, 1), if there is one."""
        if hand is None:
            return super().forward(image)
        if len(hand) == 1:
            return self.convolved(bordered(image), self.weight + self.change(hand), self.bias)
        # Pictures of a batch have weights of their own, but what they are made of is the same for all.
        both = torch.cat([self.weight, self.thin.view(CHANGES, *self.weight.shape[1:])])
        seen = self.convolved(bordered(image), both, None)
        out, few = seen[:, :-CHANGES], seen[:, -CHANGES:]
        counted = few * hand[:, self.own, :, None].to(few)
        changed: Tensor = out + self.convolved(counted, self.wide[:, :, None, None], self.bias)
        return changed

    def change(self, hand: Tensor) -> Tensor:
        """What is added to the weights by a hand (1, N, 1)."""
        return ((self.wide * hand[0, self.own, 0]) @ self.thin).view(self.weight.shape)


def is_of_the_hand(name: str) -> bool:
    """Whether a network's parameter of that name is the hand's, or one of the changes that it knows to make."""
    return name.startswith("hand.") or name.endswith((".thin", ".wide"))
