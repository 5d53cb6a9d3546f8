"""What losses are shown of a picture, tile by tile: pixels, or layers of a network, reduced to sums over positions."""

from collections.abc import Callable, Container, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor

from impasto.engine.mask import Mask
from impasto.engine.tiles import Tile
from impasto.losses import Averages, Everything, FeatureLoss, Place, Reduction
from impasto.networks import FeatureNetwork

PIXELS = "pixels"
"""What a sight is of that looks at the picture itself..."""
NEIGHBORS = "neighbors"
"""...that looks at it with what is next to a part of it..."""
COLUMNS = "columns"
"""...and that looks at the hypercolumns of several layers."""
_EVERYTHING = Everything()
_LARGE = 1 << 26
"""Numbers in a map."""


@dataclass(frozen=True)
class Sight:
    """What a loss is shown of a picture."""

    of: str
    """A layer, or `PIXELS`, `NEIGHBORS` or `COLUMNS`."""
    reduce: Reduction = _EVERYTHING
    mask: Mask | None = None
    """What counts; None for everything."""

    def plan(self, size: tuple[int, int], device: torch.device) -> Any:
        """What the reduction needs to know of a map of `size`."""
        plan = self.reduce.plan(size, self.mask.at(size) if self.mask else None)
        if isinstance(plan, list):
            return [part.to(device) for part in plan]
        return plan.to(device) if isinstance(plan, Tensor) else plan


Totals = dict[Sight, Tensor]
"""Of each sight the sum over tiles."""
Plans = MutableMapping[tuple[Sight, tuple[int, int]], Any]
"""What reductions need to know, by the size of the map: kept, as it is worked out once for all tiles and steps."""


def counted(of: str, loss: FeatureLoss, mask: Mask | None) -> Sight:
    """What the loss is shown; a reduction counts the mask in, what is not reduced has it counted by the loss itself."""
    return Sight(of, loss.reduce, None if isinstance(loss.reduce, Everything) else mask)


def see(
    network: FeatureNetwork,
    image: Tensor,
    tile: Tile,
    sights: Iterable[Sight],
    plans: Plans,
    maps: Totals | None = None,
) -> Totals:
    """What `sights` show of a tile, of which `image` (1, 3, h, w) is the crop, in float32 or more.

    Where there are `maps`, what is not reduced is put into them, and is not in what comes back: no tile needs a whole
    map of its own.
    """
    by_name: dict[str, list[Sight]] = {}
    for sight in sights:
        by_name.setdefault(sight.of, []).append(sight)
    found = {}
    for name, part, place in _parts(network, image, tile, by_name):
        rounded = all(sight.reduce.rounded for sight in by_name[name])
        precise = part if rounded else part.to(torch.promote_types(part.dtype, torch.float32))
        for sight in by_name[name]:
            size = (place.height, place.width)
            seen = part if sight.reduce.rounded else precise
            if maps is not None and isinstance(sight.reduce, Everything):
                if sight not in maps:
                    maps[sight] = _empty_map(seen, size)
                place.cut(maps[sight], seen).copy_(seen)
                continue
            if (sight, size) not in plans:
                plans[sight, size] = sight.plan(size, image.device)
            found[sight] = sight.reduce(seen, place, plans[sight, size])
    return found


def _parts(
    network: FeatureNetwork, image: Tensor, tile: Tile, names: Container[str]
) -> Iterator[tuple[str, Tensor, Place]]:
    """What there is by these names, and where; each layer as soon as the network has come to it.

    So what is made of a layer is at once made, and on the way back its gradient is found when its turn has come:
    all gradients at once would be as large as all features.
    """
    for name, (part, place) in ((PIXELS, tile.features(image, 1)), (NEIGHBORS, tile.neighbors(image))):
        if name in names:
            yield name, part, place
    # In the network's order: a set has a new one in every run.
    layers = [layer for layer in network.spec.layers if layer in names]
    for layer, features in network.each(image, layers) if layers else ():
        # A picture that is looked at as a whole need not be in step with anything.
        alone = tile.shown == tile.own
        stride = network.spec.smallest_size[layer]
        yield layer, *((features, Place.whole(features)) if alone else tile.features(features, stride))


def survey(image: Tensor, tiles: Sequence[Tile], view: Callable[[Tensor, Tile, Totals], Totals]) -> Totals:
    """The sums over `tiles` of what `view` shows of each one's crop of `image` (1, 3, H, W), and maps of the rest."""
    totals: Totals = {}
    maps: Totals = {}
    for tile in tiles:
        for sight, part in view(tile.crop(image), tile, maps).items():
            if sight in totals:
                totals[sight] += part
            else:
                totals[sight] = part
    return totals | maps


def _empty_map(part: Tensor, size: tuple[int, int]) -> Tensor:
    """For features like those of a part, of the whole map's size; a very large map keeps three digits of each."""
    shape = (*part.shape[:2], *size)
    return torch.zeros(shape, dtype=torch.bfloat16 if prod(shape) > _LARGE else part.dtype, device=part.device)


def column_sights(layers: Iterable[str], picture: tuple[int, int]) -> list[Sight]:
    """What hypercolumns of these layers need to be shown of a picture (height, width)."""
    return [Sight(layer, Averages(picture)) for layer in layers]
