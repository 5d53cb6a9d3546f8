"""The number to make small: every loss on all that it looks at, weighted and added up in one pass a network."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.losses import FeatureLoss, Hypercolumns
from impasto.networks import FeatureNetwork

PIXELS = "pixels"
"""What a term sees that looks at the picture itself..."""
COLUMNS = "columns"
"""...and what one sees that looks at the hypercolumns of several layers."""
_NOTHING = 1e-8
"""Targets smaller than this count as this: an empty feature map must not divide by zero."""


@dataclass(frozen=True)
class Term:
    """One loss at one place, weighted: `name` is what the trace calls it."""

    name: str
    weight: float
    loss: Callable[[Tensor], Tensor]
    sees: str = PIXELS
    """The layer whose features it takes, or `PIXELS`, or `COLUMNS`."""


@dataclass(frozen=True)
class View:
    """A network and the terms that look through it."""

    network: FeatureNetwork
    terms: Sequence[Term]
    columns: Hypercolumns | None = None

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        seen = look(self.network, image, (term.sees for term in self.terms), self.columns)
        return {term.name: term.weight * term.loss(seen[term.sees]) for term in self.terms}


def look(
    network: FeatureNetwork, image: Tensor, names: Iterable[str], columns: Hypercolumns | None = None
) -> dict[str, Tensor]:
    """What there is to see of `image` (B, 3, H, W) by name, in float32 or more: layers, `PIXELS`, and `COLUMNS`."""
    wanted = set(names)
    layers = wanted - {PIXELS, COLUMNS} | (set(columns.factors) if columns and COLUMNS in wanted else set())
    # In the network's order: a set has a new one in every run.
    features = network(image, [layer for layer in network.spec.layers if layer in layers]) if layers else {}
    seen = {layer: each.float() if each.dtype != torch.float64 else each for layer, each in features.items()}
    if columns and COLUMNS in wanted:
        seen[COLUMNS] = columns(seen, image.shape[2:])
    return seen | {PIXELS: image}


@dataclass(frozen=True)
class Objective:
    """All terms, weighted, view by view."""

    views: Sequence[View]

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Each term's weighted value, a scalar, by name; `image` is (1, 3, H, W) in [0, 1]."""
        return {name: value for view in self.views for name, value in view(image).items()}


@dataclass(frozen=True)
class Mask:
    """How much each place of a picture counts: (1, 1, H, W) in [0, 1], at any size that is asked for."""

    pixels: Tensor

    def at(self, seen: Tensor) -> Tensor:
        """For something seen (B, C, h, w) of the picture."""
        return F.interpolate(self.pixels, size=seen.shape[2:], mode="area").to(seen)


def loss_terms(
    name: str,
    loss: FeatureLoss,
    looks: Sequence[Mapping[str, Tensor]],
    weights: Mapping[str, float],
    weight: float,
    *,
    there: Sequence[Mask] | None = None,
    here: Mask | None = None,
) -> list[Term]:
    """Terms that pull what is seen towards what was seen in `looks`, by each name of `weights`: together `weight`.

    `looks` are several looks at the same picture, turned, or one. `there` says for each what counts in it, `here` what
    counts in the picture that is pulled.

    Each loss is divided by what it would be for a black feature map, so that 1 always means "as wrong as nothing":
    this is what makes the same settings look the same for every network, layer and size of picture.
    """
    whole = weight * loss.pull / sum(weights.values())
    terms = []
    for sees, share in weights.items():
        seen = [look[sees].float() for look in looks]
        masks = [mask.at(each) for mask, each in zip(there, seen, strict=True)] if there else None
        terms.append(Term(f"{name} {sees}", whole * share, _relative(loss, seen, masks, here), sees))
    return terms


def _relative(
    loss: FeatureLoss, seen: Sequence[Tensor], masks: Sequence[Tensor] | None, here: Mask | None
) -> Callable[[Tensor], Tensor]:
    with torch.no_grad():
        target = loss.target(_in_a_row(seen), _in_a_row(masks) if masks else None)
        black = torch.zeros_like(seen[0])
        scale = loss.unit or loss.distance(black, target, masks[0] if masks else None).clamp_min(_NOTHING)
    kept: dict[torch.Size, Tensor] = {}

    def distance(candidate: Tensor) -> Tensor:
        if here and candidate.shape not in kept:
            kept[candidate.shape] = here.at(candidate)
        return loss.distance(candidate, target, kept.get(candidate.shape)) / scale

    return distance


def _in_a_row(looks: Sequence[Tensor]) -> Tensor:
    """All positions of several looks together, (B, C, n, 1); a single one as it is."""
    if len(looks) == 1:
        return looks[0]
    return torch.cat([look.flatten(2) for look in looks], dim=2)[..., None]
