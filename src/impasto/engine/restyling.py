"""Give a network's features the look of a style, and noise in its colors: how a picture is painted in one pass.

Features are moved so that their mean and covariance become the style's (Y. Li et al. 2017, "Universal Style Transfer
via Feature Transforms", section 3.2).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.devices import is_settled
from impasto.engine.looks import Look, Spread, at_strength, mask_over, measured, own_look_of, spread_of, spreads_of
from impasto.engine.mask import Mask
from impasto.engine.noise import Origin, noise_at
from impasto.engine.tiles import Tile
from impasto.images.resize import resize, size_of
from impasto.losses import Place
from impasto.networks.convolution import pointwise
from impasto.networks.feedforward import LEVELS, FeedForward, Restyle

Aims = Sequence[tuple[Mask | None, Look]]
"""Where each area of a picture is, None for everywhere, and what look it takes."""

FADED = 0.1
"""Strength below which the photo itself shows through: what the network makes of it is nearly the same, at best."""
_SHOWING = 0.7
"""Share of a smaller painting, at full strength, in what the next larger one is painted from."""


class Restyling:
    """Gives the features of pictures a look, in every area its own: a `Restyle`.

    The statistics that a level's features have are taken when it is first asked about that level, of all that it is
    shown then; of a picture that is shown in tiles, `learn` is told before.
    """

    def __init__(
        self,
        aims: Aims,
        origin: Origin = (0, 0),
        drift: Tensor | None = None,
    ) -> None:
        """Where no area is, features stay as they are.

        The row and column `origin` of the noise lies in the upper left corner. `drift` (1, 2, h, w), where given, tells
        of each square of two pixels a side how many pixels to the right and down the noise lies that it gets.
        """
        self._aims, self._origin, self._drift = aims, origin, drift
        self._maps: dict[int, list[tuple[Tensor, Tensor]]] = {}

    def __call__(self, level: int, features: Tensor) -> Tensor:
        """The features (B, C, h, w) of the level, of a whole picture, moved."""
        place = Place.whole(features)
        if not self.knows(level):
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
        """Of each area what `learn` needs of features (B, C, h, w)."""
        return [measured(features, place, where) for where, _ in self._aims]

    def knows(self, level: int) -> bool:
        """Whether it has learned a level."""
        return level in self._maps

    def learn(self, level: int, tables: Sequence[Tensor]) -> None:
        """Takes the level's features to be as `measured`, added up over all that was shown, tells of them."""
        looks = [look for _, look in self._aims]
        self.take(level, [spread_of(table, look.roots[level].dtype) for table, look in zip(tables, looks, strict=True)])

    def take(self, level: int, spreads: Sequence[Spread]) -> None:
        """Takes the level's features to lie so in each area."""
        pairs = zip(spreads, self._aims, strict=True)
        self._maps[level] = [_map(spread, look.means[level], look.roots[level]) for spread, (_, look) in pairs]

    def _moved(self, level: int, features: Tensor, place: Place) -> Tensor:
        noise = noise_at(level, features, place, self._origin, self._drift)
        beside = _map_of(torch.cat([_columns(features), noise.expand(len(features), -1, -1)], 2), features)
        moved = total = features.new_zeros(())
        for (matrix, shift), (where, look) in zip(self._maps[level], self._aims, strict=True):
            # The last channel is 1 everywhere.
            part = _mixed(beside, torch.cat([matrix, look.noise[level], shift], 2))
            weight = mask_over(features, place, where)
            if weight is None:
                return part
            moved, total = moved + weight * part, total + weight
        # Where areas overlap, they share.
        return moved / total.clamp_min(1) + (1 - total).clamp_min(0) * features


def restyling_of(aims: Aims, spreads: Sequence[Sequence[Spread]], origin: Origin = (0, 0)) -> Restyling:
    """A `Restyling` of what was looked at before: `spreads` tell of each area, level by level, how its features lie.

    The coarsest features that are painted are those that were seen, so they are known already.
    """
    restyling = Restyling(aims, origin)
    restyling.take(LEVELS - 1, [each[-1] for each in spreads])
    return restyling


def paint(
    network: FeedForward, photos: Tensor, style: Look, strength: float | Tensor, origin: Origin = (0, 0)
) -> Tensor:
    """Photos (B, 3, H, W), each whole, painted in the look of a style.

    `strength` is a number or (B, 1, 1), `origin` where the noise begins. The photos are looked at once.
    """
    kept = network.encoded(photos)
    own = spreads_of(network, [measured(each, Place.whole(each)) for each in kept])
    aim = at_strength(own_look_of(own), style, strength)
    return network.painted(kept, restyling_of([(None, aim)], [own], origin), aim.hand)


def painted_over(photos: Tensor, paintings: Tensor, strength: float | Tensor) -> Tensor:
    """What is painted at a size (B, 3, H, W): photos over which `paintings` of a smaller size, of any shape, show.

    They show the more, the higher the `strength`, a number or (B, 1, 1, 1), or (B, 1, H, W), is: seven tenths at 1.
    """
    large = resize(paintings, size_of(photos))
    return photos + _SHOWING * strength * (large - photos)


def _mixed(features: Tensor, matrices: Tensor) -> Tensor:
    """The channels at each position of (B, C, h, w) by matrices (B, O, C), (B, O, h, w)."""
    if len(features) == 1 and is_settled(features):
        return pointwise(features, matrices[0, :, :, None, None])
    return _map_of(_columns(features) @ matrices.mT, features)


def _columns(features: Tensor) -> Tensor:
    """(B, h*w, C)."""
    return features.flatten(2).mT


def _map_of(columns: Tensor, features: Tensor) -> Tensor:
    """(B, C, h, w), as `features` are, channels last: what comes after it is fastest so."""
    batch, _, height, width = features.shape
    return columns.reshape(batch, height, width, -1).permute(0, 3, 1, 2)


def _map(own: Spread, mean: Tensor, root: Tensor) -> tuple[Tensor, Tensor]:
    """The matrix (B, C, C) and the shift (B, C, 1) that give features, which lie so on their own, a look."""
    matrix = root @ own.inverse
    return matrix, mean - matrix @ own.mean
