"""The figures of finished pictures, each beside those of the two pictures that were put in."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import hypot, sqrt
from pathlib import Path

import torch
from torch import Tensor

from impasto import devices, networks
from impasto.errors import SettingsError
from impasto.evaluation.content import (
    PERCEPTUAL_LAYERS,
    STRUCTURE_LAYER,
    edge_similarity,
    perceptual_distance,
    structure_distance,
)
from impasto.evaluation.noise import excess_noise
from impasto.evaluation.palette import palette_distance
from impasto.evaluation.style import STYLE_LAYERS, distribution_distance, gram_distance
from impasto.evaluation.weave import excess_weave
from impasto.images import PictureLike, read
from impasto.images.resize import resize, same_area, size_of
from impasto.networks import FeatureNetwork
from impasto.settings import SizeSettings
from impasto.styles import check_pictures

LAYERS = list(dict.fromkeys([*STYLE_LAYERS, *PERCEPTUAL_LAYERS, STRUCTURE_LAYER]))
"""All layers that are looked at."""


@dataclass(frozen=True)
class Scores:
    """What is said of one picture. Less is better, but for `edges`."""

    gram: float
    """Style: distance of Gram matrices, the mean over layers."""
    distribution: float
    """Style: sliced Wasserstein distance of features, the mean over layers."""
    palette: float
    """Style: distance of colors in Oklab."""
    perceptual: float
    """Content: distance of unit features, the mean over layers."""
    structure: float
    """Content: change in which parts are alike."""
    edges: float
    """Content: SSIM of edges, 1 for the same."""
    noise: float
    """Decibels of fine detail beyond that of style and content."""
    weave: float
    """Decibels by which more runs along rows and columns than in style and content."""


@devices.untouched()
def compare(
    results: Sequence[PictureLike],
    content: PictureLike,
    style: PictureLike,
    network: str = "vgg19",
) -> list[Scores]:
    """The scores of each of `results`, then those of a copy of the content and of a copy of the style.

    Pictures are as `images.read` takes them. Everything is compared at the first result's size, to whose shape the
    others and the content are brought; the style keeps its shape and is brought to the same area.
    Raises `ImpastoError` for a picture or a network that cannot be had, or that lacks the layers that are looked at.
    """
    check_pictures([style], "a score")
    if isinstance(results, str | Path) or not len(results):
        raise SettingsError(
            f"results: a list of pictures is compared, one or more (got {results!r}). Put it in brackets."
        )
    loaded = judge_of(network)
    first = read(results[0], SizeSettings()).pixels
    shape = size_of(first)
    others = [read(result, SizeSettings(), lambda *_: shape).pixels for result in results[1:]]
    photo = read(content, SizeSettings(), lambda *_: shape).pixels
    side = sqrt(shape[0] * shape[1])
    model = read(style, SizeSettings(), lambda height, width: same_area(height, width, side)).pixels
    judge = _Judge(loaded, photo, model)
    return [judge(picture) for picture in (first, *others, photo, resize(model, shape))]


def judge_of(network: str) -> FeatureNetwork:
    """The network of a name, or in a file. Raises `ImpastoError` where it cannot be had, or judge."""
    loaded = networks.load(network)
    if missing := [layer for layer in LAYERS if layer not in loaded.spec.layers]:
        raise SettingsError(
            f"network: {network} has no {missing[0]}, at which pictures are scored. Use vgg19 or vgg16-torchvision."
        )
    return loaded


def compromise(scores: Scores, content: Scores, style: Scores) -> float:
    """How far a picture is from keeping all of its content and taking all of its style: less is better.

    The length of (c, s): c is the perceptual distance from the content, where 1 is that of a copy of the style, and s
    the distance of distributions from the style, where 1 is that of a copy of the content. So a copy of the content has
    1, and one of the style a little more, for it is stretched to the content's shape. `content` and `style` are the
    scores of these copies. A product, as in ArtFID, would put both copies before any picture halfway between them.
    """
    kept = scores.perceptual / max(style.perceptual, 1e-9)
    taken = scores.distribution / max(content.distribution, 1e-9)
    return hypot(kept, taken)


def mixed(scores: Sequence[Scores], shares: Sequence[float]) -> Scores:
    """The scores of a picture of several styles, from those by each of them: the mean by the styles' shares."""
    rows = [asdict(each) for each in scores]
    return Scores(**{name: sum(share * row[name] for share, row in zip(shares, rows, strict=True)) for name in rows[0]})


class _Judge:
    """Scores pictures against one content and one style, whose features it keeps."""

    def __init__(self, network: FeatureNetwork, photo: Tensor, model: Tensor) -> None:
        self._network, self._photo, self._model = network, photo, model
        self._content, self._style = self._look(photo), self._look(model)

    def __call__(self, picture: Tensor) -> Scores:
        seen = self._content if picture is self._photo else self._look(picture)
        return Scores(
            gram=_mean(gram_distance(seen[layer], self._style[layer]) for layer in STYLE_LAYERS),
            distribution=_mean(distribution_distance(seen[layer], self._style[layer]) for layer in STYLE_LAYERS),
            palette=palette_distance(picture, self._model),
            perceptual=_mean(perceptual_distance(seen[layer], self._content[layer]) for layer in PERCEPTUAL_LAYERS),
            structure=structure_distance(seen[STRUCTURE_LAYER], self._content[STRUCTURE_LAYER]),
            edges=edge_similarity(picture, self._photo),
            noise=excess_noise(picture, self._model, self._photo),
            weave=excess_weave(picture, self._model, self._photo),
        )

    def _look(self, picture: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            return self._network(picture, LAYERS)


def _mean(values: Iterable[float]) -> float:
    figures = list(values)
    return sum(figures) / len(figures)
