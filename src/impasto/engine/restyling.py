"""Give a network's features the statistics of a style's: how a picture is painted in one pass.

Whitening and coloring, Y. Li et al. 2017, "Universal Style Transfer via Feature Transforms", section 3.2: features are
moved so that their mean and covariance become the style's. Departure: matrix roots by the Newton-Schulz iteration
(N. Higham, "Functions of Matrices", 2008, equation 6.35), which has a gradient and needs products alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine.objective import Mask
from impasto.engine.tiles import Tile
from impasto.losses import Place
from impasto.losses.statistics import Sums, mean_and_covariance, sums
from impasto.networks.feedforward import FeedForward, Restyle

_LEAST = 0.02
"""Of the mean variance of a level's features: what is added in every direction, so that noise does not become paint."""
_ROUNDS = 10


@dataclass(frozen=True)
class Look:
    """What a network knows of pictures: statistics of its own features, level by level, finest first."""

    means: Sequence[Tensor]
    """(B, C, 1)."""
    roots: Sequence[Tensor]
    """(B, C, C): the symmetric roots of the covariances."""


def look(network: FeedForward, picture: Tensor, where: Mask | None = None) -> Look:
    """The look of pictures (B, 3, H, W) in [0, 1], where the mask says; sides are multiples of `UNIT`."""
    return look_of([measured(each, Place.whole(each), where) for each in network.encoded(picture)])


def look_of(tables: Sequence[Tensor]) -> Look:
    """The look whose features, level by level, are as `measured`."""
    moments = [mean_and_covariance(Sums(table)) for table in tables]
    return Look([mean for mean, _ in moments], [roots(covariance)[0] for _, covariance in moments])


def measured(features: Tensor, place: Place, where: Mask | None = None) -> Tensor:
    """What there is to know of a level's features (B, C, h, w): of those of all parts of a picture, it adds up."""
    return sums(features, _cut(where, features, place))


def mixed(looks: Sequence[Look], shares: Sequence[float | Tensor]) -> Look:
    """The look between several ones, each with its share, a number or (B, 1, 1); the shares sum to 1."""

    def between(*parts: Tensor) -> Tensor:
        return torch.stack([share * part for share, part in zip(shares, parts, strict=True)]).sum(0)

    return Look(
        [between(*level) for level in zip(*(look.means for look in looks), strict=True)],
        [between(*level) for level in zip(*(look.roots for look in looks), strict=True)],
    )


def at_strength(own: Look, style: Look, strength: float | Tensor) -> Look:
    """The look between a photo's `own`, at strength 0, and the style's, at 1; `strength` is a number or (B, 1, 1)."""
    rest = (1 - strength) ** 2
    return mixed([own, style], [rest, 1 - rest])


class Restyling:
    """Gives the features of pictures a look, in every part its own: a `Restyle`.

    The statistics that a level's features have are taken when it is first asked about that level, of all that it is
    shown then; of a picture that is shown in tiles, `learn` is told before.
    """

    def __init__(self, parts: Sequence[tuple[Mask | None, Look]]) -> None:
        """`parts` tell where, None for everywhere, and what look; where none is, features stay as they are."""
        self._parts = parts
        self._maps: dict[int, list[tuple[Tensor, Tensor]]] = {}

    def __call__(self, level: int, features: Tensor) -> Tensor:
        """The features (B, C, h, w) of the level, of a whole picture, moved."""
        place = Place.whole(features)
        if level not in self._maps:
            self.learn(level, self.measured(features, place))
        return self._moved(level, features, place)

    def within(self, tile: Tile) -> Restyle:
        """The same for what is shown of a tile; the level has to be learned."""

        def restyle(level: int, features: Tensor) -> Tensor:
            stride = 2 ** (level + 1)
            (top, left), (height, width) = (each.start for each in tile.shown), tile.picture
            return self._moved(level, features, Place(top // stride, left // stride, height // stride, width // stride))

        return restyle

    def measured(self, features: Tensor, place: Place) -> list[Tensor]:
        """Of each part what `learn` needs of features (B, C, h, w)."""
        return [measured(features, place, where) for where, _ in self._parts]

    def learn(self, level: int, tables: Sequence[Tensor]) -> None:
        """Takes the level's features to be as `measured`, added up over all that was shown, tells of them."""
        self._maps[level] = [
            _map(table, look.means[level], look.roots[level])
            for table, (_, look) in zip(tables, self._parts, strict=True)
        ]

    def _moved(self, level: int, features: Tensor, place: Place) -> Tensor:
        columns = features.flatten(2).mT  # (B, h*w, C)
        moved, total = torch.zeros_like(columns), torch.zeros_like(columns[..., :1])
        for (matrix, shift), (where, _) in zip(self._maps[level], self._parts, strict=True):
            part = torch.baddbmm(shift.mT, columns, matrix.mT)
            mask = _cut(where, features, place)
            if mask is None:
                return part.mT.view(features.shape)
            weight = mask.flatten(2).mT
            moved, total = moved + weight * part, total + weight
        # Where parts overlap, they share.
        moved = moved / total.clamp_min(1) + (1 - total).clamp_min(0) * columns
        return moved.mT.view(features.shape)


def _map(table: Tensor, mean: Tensor, root: Tensor) -> tuple[Tensor, Tensor]:
    """The matrix (B, C, C) and the shift (B, C, 1) that give features, of which `table` has the sums, a look."""
    own, covariance = mean_and_covariance(Sums(table))
    matrix = root @ roots(covariance)[1]
    return matrix, mean - matrix @ own


def roots(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """The symmetric root of a covariance (B, C, C), and the root's inverse; both of it with a little added."""
    unit = torch.eye(covariance.shape[1], device=covariance.device, dtype=covariance.dtype).expand_as(covariance)
    spread = covariance.diagonal(dim1=1, dim2=2).mean(1).clamp_min(1e-12)[:, None, None]
    matrix = covariance + _LEAST * spread * unit
    size = matrix.square().sum((1, 2), keepdim=True).sqrt()
    root, inverse = matrix / size, unit
    for _ in range(_ROUNDS):
        step = (3 * unit - inverse @ root) / 2
        root, inverse = root @ step, step @ inverse
    return root * size.sqrt(), inverse / size.sqrt()


def _cut(where: Mask | None, features: Tensor, place: Place) -> Tensor | None:
    """The mask (1, 1, h, w) where features (B, C, h, w) lie."""
    return None if where is None else place.cut(where.at((place.height, place.width)), features).to(features)
