"""Regions that nobody drew: places that a network finds alike, in the picture and in a style.

Features are gathered in clusters, in the picture and in the style each for itself, and each cluster of the picture
belongs to the cluster of the style that it is most like, as seen from the middle of all features of its own picture: a
painted sky is to the painting what the sky is to the photo.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

_CLUSTERS = 4
_ROUNDS = 30


def find_regions(content: Tensor, styles: Sequence[Tensor]) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
    """Maps of the picture and of each style, of their features (1, C, h, w): masks (1, 1, h, w), of 0 and 1, by name.

    Every region of the picture has a part in every style; what of a style is like nothing in the picture is in none.
    """
    labels, centers = _clustered(content)
    names = [f"part {number + 1}" for number in range(len(centers))]
    maps = []
    for style in styles:
        theirs, like = _clustered(style)
        partner = (centers @ like.T).argmax(dim=1)
        maps.append({name: _mask(theirs == chosen) for name, chosen in zip(names, partner, strict=True)})
    return {name: _mask(labels == number) for number, name in enumerate(names)}, maps


def _clustered(features: Tensor) -> tuple[Tensor, Tensor]:
    """The cluster (h, w) of each position, and the clusters' middles (k, C): unit vectors from the middle of all."""
    apart = features - features.mean((2, 3), keepdim=True)
    points = F.normalize(F.avg_pool2d(apart, 3, 1, 1, count_include_pad=False)[0].flatten(1), dim=0).T  # (n, C)
    centers = points[:1]
    while len(centers) < min(_CLUSTERS, len(points)):
        farthest = (points @ centers.T).amax(1).argmin()
        centers = torch.cat([centers, points[farthest][None]])
    for _ in range(_ROUNDS):
        nearest = (points @ centers.T).argmax(1)
        sums = torch.zeros_like(centers).index_add(0, nearest, points)
        centers = F.normalize(sums, dim=1)
    kept = [number for number in range(len(centers)) if (nearest == number).any()]
    centers = centers[kept]
    return (points @ centers.T).argmax(1).view(features.shape[2:]), centers


def _mask(where: Tensor) -> Tensor:
    return where.float()[None, None]
