"""The networks that paint one picture together: each with the hand of a style, or of several, and its own areas."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from impasto.engine.looks import share_of
from impasto.engine.mask import Mask
from impasto.engine.regions import Region
from impasto.engine.restyling import Aims, Restyling
from impasto.images.packing import as_packed_as, unpacked
from impasto.images.resize import size_of
from impasto.images.strips import strips
from impasto.methods.areas import Area
from impasto.methods.painters import Painters
from impasto.methods.seen import Seen
from impasto.networks.feedforward import FeedForward


class Member(NamedTuple):
    """A network, and what of a picture it paints."""

    network: FeedForward
    where: Mask | None
    """None for everywhere."""
    first: int
    """The number of the first area that it paints."""


def crew_of(painters: Painters, areas: Sequence[Area], regions: Sequence[Region], aims: Aims) -> list[Member]:
    """Who paints which areas: of the networks with the hands of styles, each to its share in an area, those needed.

    What is left as it is takes part in none.
    """
    painted = [number for number, area in enumerate(areas) if area.region is not None]
    shares = [_shares(areas[number], regions) for number in painted]
    networks = painters.at(shares, [aims[number][1] for number in painted])
    found: dict[FeedForward, list[int]] = defaultdict(list)
    for network, number in zip(networks, painted, strict=True):
        found[network].append(number)
    if len(found) < 2:
        return [Member(next(iter(found), painters.plain), None, 0)]
    wheres = {network: [areas[number].where for number in numbers] for network, numbers in found.items()}
    return [
        Member(network, Mask(torch.stack([where.pixels for where in wheres[network] if where]).sum(0)), numbers[0])
        for network, numbers in found.items()
    ]


def _shares(area: Area, regions: Sequence[Region]) -> list[float]:
    """How much of each style there is to be in an area that belongs to a region."""
    assert area.region is not None
    shares = regions[area.region].shares
    return [share_of(area.strength) * share / sum(shares) for share in shares]


def painted_by(seen: Seen, crew: Sequence[Member], restylings: Sequence[Restyling]) -> Tensor:
    """The painting (1, 3, H, W) in [0, 1], packed if it is very large, on the CPU: each member with its restyling.

    Where they meet softly, their paintings do.
    """
    first, *others = crew
    painting = seen.painted(restylings[0], first.network)
    total = first.where.at(size_of(painting)).clone() if first.where else None
    for (network, mask, _), restyling in zip(others, restylings[1:], strict=True):
        assert mask
        assert total is not None
        other, share = seen.painted(restyling, network), mask.at(size_of(painting))
        for rows in strips(*painting.shape[2:]):
            total[:, :, rows] += share[:, :, rows]
            weight = share[:, :, rows] / total[:, :, rows].clamp_min(1e-6)
            mixed_rows = torch.lerp(unpacked(painting[:, :, rows]), unpacked(other[:, :, rows]), weight)
            painting[:, :, rows] = as_packed_as(painting, mixed_rows)
    return painting
