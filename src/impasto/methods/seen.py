"""A picture of any size as a network that paints sees it: whole, or in tiles that come to the same."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.devices import finest
from impasto.engine.looks import Look, Spread, look_of, measured, spreads_of
from impasto.engine.mask import Mask
from impasto.engine.restyling import Restyling
from impasto.engine.tiles import Tile, tiles
from impasto.images.light import enlarged, light_of
from impasto.images.packing import as_packed_as, room, unpacked
from impasto.images.resize import size_of
from impasto.networks.feedforward import LEVELS, REACH, UNIT, FeedForward

_LONGEST = 1536
"""Side in pixels of what is shown to the network at once; a larger picture is shown in tiles."""


class Seen:
    """A picture, packed, as a network sees it, tile by tile."""

    def __init__(self, painter: FeedForward, picture: Tensor, device: torch.device) -> None:
        self.painter, self.picture, self.device = painter, picture, device
        height, width = (-(-side // UNIT) * UNIT for side in picture.shape[2:])
        self.tiles = tiles((height, width), _LONGEST, REACH, UNIT)
        self._last: tuple[Tile, list[Tensor]] | None = None
        """The tile that was looked at last: a picture in one piece is looked at once."""

    def __iter__(self) -> Iterator[tuple[Tile, list[Tensor]]]:
        """Each tile and its features."""
        for tile in self.tiles:
            if not self._last or self._last[0] is not tile:
                self._last = None  # two tiles' features would be twice the memory
                self._last = tile, self.painter.encoded(self._crop(tile))
            yield self._last

    def _crop(self, tile: Tile) -> Tensor:
        """What is shown of a tile: beyond the picture, up to whole multiples of `UNIT`, its last row and column."""
        there = unpacked(tile.crop(self.picture).to(self.device))
        below, beside = (each.stop - each.start - side for each, side in zip(tile.shown, there.shape[2:], strict=True))
        if below or beside:
            there = F.pad(there, (0, beside, 0, below), mode="replicate")
        return there.contiguous(memory_format=torch.channels_last)

    def looks(self, wheres: Sequence[Mask | None]) -> list[Look]:
        """The look of each part of the picture: looked at once for all parts."""
        return [look_of(self.painter, spreads) for spreads in self.spreads(wheres)]

    def spreads(self, wheres: Sequence[Mask | None]) -> list[list[Spread]]:
        """How the features of each part of the picture lie, level by level."""
        return [spreads_of(self.painter, tables) for tables in self.tables(wheres)]

    def lights(self) -> list[Tensor]:
        """By how much features change with one standard deviation of the picture's broad light, level by level."""
        cells, _ = light_of(self.picture)
        told = [torch.zeros(()) for _ in range(LEVELS)]
        for tile, kept in self:
            for level, features in enumerate(kept):
                part, place = tile.features(features, 2 ** (level + 1))
                height, width = size_of(part)
                rows = enlarged(cells - cells.mean(), (place.height, place.width), place.top, place.top + height)
                lit = rows[..., place.left : place.left + width].flatten(2).to(finest(part.device)).to(part.device)
                seen = torch.cat([part.flatten(2).to(lit), lit, torch.ones_like(lit)], 1)  # (1, C + 2, N)
                told[level] = told[level].to(seen) + seen @ seen[:, -2:].mT
        return [_covariance_with_light(sums) for sums in told]

    def tables(self, wheres: Sequence[Mask | None]) -> list[list[Tensor]]:
        """Of each part what its look is made of, as `measured`, level by level."""
        tables: list[list[list[Tensor]]] = [[[] for _ in range(LEVELS)] for _ in wheres]
        for tile, kept in self:
            for level, features in enumerate(kept):
                part, place = tile.features(features, 2 ** (level + 1))
                for where, each in zip(wheres, tables, strict=True):
                    each[level].append(measured(part, place, where))
        return [[torch.stack(parts).sum(0) for parts in each] for each in tables]

    def painted(self, restyling: Restyling, painter: FeedForward | None = None) -> Tensor:
        """The painting (1, 3, H, W) in [0, 1], packed if it is very large, on the CPU.

        Another `painter` than the one that sees differs from it in its decoder alone.
        """
        height, width = self.picture.shape[2:]
        return self._filled(restyling, painter or self.painter)[:, :, :height, :width]

    def _filled(self, restyling: Restyling, painter: FeedForward) -> Tensor:
        """The painting, up to whole multiples of `UNIT`."""
        if len(self.tiles) == 1:
            (_, kept), *_ = self
            return painter.painted(kept, restyling).cpu()
        for level in reversed(range(LEVELS)):
            if not restyling.knows(level):
                restyling.learn(level, self._measured(level, restyling, painter))
        painted = room((1, 3, *self.tiles[0].picture))
        for tile, kept in self:
            own, place = tile.features(painter.painted(kept, restyling.within(tile)), 1)
            place.cut(painted, own).copy_(as_packed_as(painted, own))
        return painted

    def _measured(self, level: int, restyling: Restyling, painter: FeedForward) -> list[Tensor]:
        """What a level's features are like before they are moved, in each part, over all tiles."""
        each = []
        for tile, kept in self:
            before = painter.before(level, kept, restyling.within(tile))
            each.append(restyling.measured(*tile.features(before, 2 ** (level + 1))))
        return [torch.stack(tables).sum(0) for tables in zip(*each, strict=True)]


def _covariance_with_light(sums: Tensor) -> Tensor:
    """(1, C, 1), by one standard deviation of the light, of the sums (1, C + 2, 2) of what was multiplied by the light,
    and by 1: features, light and 1."""
    with_light, alone = (each / sums[:, -1:, 1:] for each in torch.split(sums, 1, 2))
    covariances = with_light - alone * alone[:, -2:-1]
    found: Tensor = covariances[:, :-2] / covariances[:, -2:-1].clamp_min(1e-12).sqrt()
    return found
