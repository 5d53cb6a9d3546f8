"""The number to make small: every loss at every layer, weighted and added up in one pass through each network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.losses import FeatureLoss
from impasto.networks import FeatureNetwork

_NOTHING = 1e-8
"""Targets smaller than this count as this: an empty feature map must not divide by zero."""


@dataclass(frozen=True)
class Term:
    """One loss at one place, weighted: `name` is what the trace calls it."""

    name: str
    weight: float
    loss: Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class LayerTerm(Term):
    """A term on the features of one layer."""

    layer: str


@dataclass(frozen=True)
class View:
    """A network and the terms that look through it."""

    network: FeatureNetwork
    terms: Sequence[LayerTerm]

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        features = self.network(image, list(dict.fromkeys(term.layer for term in self.terms)))
        return {term.name: term.weight * term.loss(features[term.layer].float()) for term in self.terms}


@dataclass(frozen=True)
class Objective:
    """All terms, weighted: those on features, network by network, and those on the pixels themselves."""

    views: Sequence[View]
    pixel_terms: Sequence[Term] = ()

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Each term's weighted value, a scalar, by name; `image` is (1, 3, H, W) in [0, 1]."""
        values = {term.name: term.weight * term.loss(image) for term in self.pixel_terms}
        for view in self.views:
            values |= view(image)
        return values


def layer_terms(
    role: str, loss: FeatureLoss, features: Mapping[str, Tensor], weights: Mapping[str, float], weight: float
) -> list[LayerTerm]:
    """Terms that pull features towards those given, at each layer of `weights`: together they weigh `weight`.

    Each loss is divided by what it would be for a black feature map, so that 1 always means "as wrong as nothing":
    this is what makes the same settings look the same for every network, layer and size of picture.
    """
    whole = weight * loss.pull / sum(weights.values())
    return [
        LayerTerm(f"{role} {layer}", whole * share, _relative(loss, features[layer].float()), layer)
        for layer, share in weights.items()
    ]


def _relative(loss: FeatureLoss, features: Tensor) -> Callable[[Tensor], Tensor]:
    with torch.no_grad():
        target = loss.target(features)
        scale = loss.distance(torch.zeros_like(features), target).clamp_min(_NOTHING)
    return lambda candidate: loss.distance(candidate, target) / scale
