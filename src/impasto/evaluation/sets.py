"""Figures of many results at once, after FID (Heusel et al. 2017) and ArtFID (Wright, Ommer 2022).

They are not the published ones: those look through an Inception network and LPIPS, whose weights impasto does not ship;
these look through VGG-19. They compare methods on the same pairs, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from statistics import mean

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto import devices
from impasto.evaluation.compare import judge_of
from impasto.evaluation.content import PERCEPTUAL_LAYERS, perceptual_distance
from impasto.images import PictureLike, read
from impasto.images.resize import resize, same_area, size_of
from impasto.losses import wasserstein, wasserstein_target
from impasto.settings import SizeSettings
from impasto.styles import check_pictures

_LAYER = "relu5_2"
_PARTS = 4
"""Parts of a picture, down and across, that are counted for themselves: a hundred pictures alone span no covariance."""


@dataclass(frozen=True)
class SetScores:
    """What is said of a set of pictures. Less is better."""

    frechet: float
    """Distance of the cloud of the results' features from the cloud of the styles', relative to the styles' spread."""
    perceptual: float
    """Content: `Scores.perceptual`, the mean over the pictures."""
    art: float
    """(1 + perceptual) (1 + frechet)."""


@devices.untouched()
def compare_sets(
    results: Sequence[PictureLike],
    contents: Sequence[PictureLike],
    styles: Sequence[PictureLike],
    network: str = "vgg19",
) -> dict[str, SetScores]:
    """The scores of the `results`, under "results", then those of copies of the contents and of the styles.

    Result number n was made of content n and style n. Pictures are as `images.read` takes them, and each is compared
    at its result's size. Raises `ImpastoError` for a picture or a network that cannot be had, `ValueError` for
    sequences of different lengths, or empty ones.
    """
    check_pictures(styles, "a score")
    if not len(results):
        raise ValueError("there are no results to compare")
    if not len(results) == len(contents) == len(styles):
        counts = f"{len(results)} results, {len(contents)} contents, {len(styles)} styles"
        raise ValueError(f"{counts}: the arguments should have as many of each")
    loaded = judge_of(network)
    names = ("results", "copies of the contents", "copies of the styles")
    clouds: dict[str, list[Tensor]] = {name: [] for name in names}
    kept: dict[str, list[float]] = {name: [] for name in names}
    wanted = []
    for result, content, style in zip(results, contents, styles, strict=True):
        picture = read(result, SizeSettings()).pixels
        shape = size_of(picture)
        photo = read(content, SizeSettings(), lambda *_, shape=shape: shape).pixels
        model = read(style, SizeSettings(), partial(same_area, side=sqrt(shape[0] * shape[1]))).pixels
        layers = [*PERCEPTUAL_LAYERS, _LAYER]
        with torch.no_grad():
            base = loaded(photo, layers)
            wanted.append(_points(loaded(model, [_LAYER])[_LAYER]))
            for name, shown in zip(names, (picture, photo, resize(model, shape)), strict=True):
                seen = base if shown is photo else loaded(shown, layers)
                clouds[name].append(_points(seen[_LAYER]))
                kept[name].append(mean(perceptual_distance(seen[layer], base[layer]) for layer in PERCEPTUAL_LAYERS))
    return {name: _scores(clouds[name], wanted, kept[name]) for name in names}


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """Fréchet distance of the Gaussians of two clouds of points (n, C), (m, C), divided by the variance of the second.

    Equation 6 of Heusel et al. 2017, but for the division.
    """
    clouds = [points.double().T[None, :, :, None] for points in (first, second)]
    target = wasserstein_target(clouds[1])
    return float(wasserstein(clouds[0], target) / target.variance)


def _points(features: Tensor) -> Tensor:
    """(16, C) of features (1, C, h, w)."""
    return F.adaptive_avg_pool2d(features, _PARTS)[0].flatten(1).T


def _scores(cloud: Sequence[Tensor], wanted: Sequence[Tensor], kept: Sequence[float]) -> SetScores:
    frechet, perceptual = frechet_distance(torch.cat(list(cloud)), torch.cat(list(wanted))), mean(kept)
    return SetScores(frechet, perceptual, (1 + perceptual) * (1 + frechet))
