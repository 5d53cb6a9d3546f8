"""Paint in one pass of a network.

What the network knows of a style are statistics, so several styles mix, regions have their own, and a large picture is
painted tile by tile, the same as the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import torch
from torch import Tensor

from impasto import devices, networks
from impasto.devices import free_memory
from impasto.engine.checkpoint import Checkpoint
from impasto.engine.objective import Mask
from impasto.engine.progress import OnProgress, Progress, silent
from impasto.engine.restyling import Look, Restyling, at_strength, look_of, measured, mixed
from impasto.engine.tiles import Tile, tiles
from impasto.errors import DeviceError, ImageError, SettingsError
from impasto.images import Picture, PictureLike
from impasto.images.packing import unpacked
from impasto.methods.masks import protected_part
from impasto.methods.result import Result
from impasto.methods.scene import Scene, set_scene
from impasto.networks import FeatureNetwork
from impasto.networks.feedforward import LEVELS, REACH, UNIT, FeedForward, load_feedforward
from impasto.settings import StylizeSettings

_LONGEST = 1536
"""Side in pixels of what is shown to the network at once; a larger picture is shown in tiles."""
_SMALLEST = 4 * UNIT
"""Shorter side in pixels of a picture that statistics can be taken of."""
_PROTECTION = 0.7
"""Of the strength, what is left out where the photo is protected."""
_BASE = 600_000_000
"""Bytes that a run takes whatever the size of the picture..."""
_EACH = 40
"""...and for each pixel: the picture as it is read, painted and written."""


def stylize(
    content: PictureLike,
    styles: Sequence[PictureLike],
    settings: StylizeSettings,
    on_progress: OnProgress = silent,
    checkpoint: Checkpoint | None = None,
) -> Result:
    """`content` painted in the look of `styles`, each a picture as `images.read` takes it.

    It takes so little time that no `checkpoint` is written. Raises `ImpastoError` for pictures, networks, devices and
    sizes that cannot be had.
    """
    del checkpoint
    began = monotonic()
    device = devices.choose(settings).device
    if not settings.painter:
        raise SettingsError("painter: which network? Train one with impasto train, and give its file: --painter FILE.")
    painter = load_feedforward(Path(settings.painter)).to(device)

    def check(size: tuple[int, int]) -> None:
        _check_size(size, device)

    def segmenter() -> FeatureNetwork:
        return networks.load("student").to(device)

    scene = set_scene(content, styles, settings, segmenter, device, check, check)
    protected = protected_part(settings, scene.photo)
    with torch.inference_mode():
        finished = scene.finished(_painted(painter, scene, _areas(scene, protected), device))
    on_progress(Progress(1, 1, scene.size, 0.0, {}, monotonic() - began, 0.0, finished))
    missed = ["no face was found to protect. Paint one white in a mask: --protect FILE"]
    notes = missed if settings.protect and not protected else []
    return Result(Picture(finished, scene.photo.alpha), settings, [], {}, "painted", notes)


def _check_size(size: tuple[int, int], device: torch.device) -> None:
    needed, free = _BASE + _EACH * size[0] * size[1], free_memory(device)
    if min(size) < _SMALLEST:
        raise ImageError(
            f"{size[1]}x{size[0]} px is too narrow: {_SMALLEST} px a side are needed. Use a larger --size."
        )
    if needed > free:
        raise DeviceError(
            f"a picture of {size[1]}x{size[0]} px needs about {needed / 2**30:.1f} GiB of memory and "
            f"{free / 2**30:.1f} GiB are free. Use a smaller --size."
        )


@dataclass(frozen=True)
class _Area:
    """A part of the photo that is painted in one way."""

    where: Mask | None
    """None for everywhere."""
    region: int | None
    """The number of the region that it belongs to; None where the photo stays."""
    strength: float


def _areas(scene: Scene, protected: Mask | None) -> list[_Area]:
    """The regions of the scene, what is in none of them, and what is protected by itself."""
    strength = scene.settings.strength
    areas = [_Area(region.here, number, strength) for number, region in enumerate(scene.regions)]
    if all(area.where for area in areas):
        inside = torch.stack([area.where.pixels for area in areas if area.where]).sum(0)
        areas.append(_Area(Mask((1 - inside).clamp(0, 1)), None, 0.0))
    if not protected:
        return areas
    split = []
    for area in areas:
        for pixels, share in ((1 - protected.pixels, 1.0), (protected.pixels, 1 - _PROTECTION)):
            where = Mask(area.where.pixels * pixels if area.where else pixels)
            split.append(_Area(where, area.region, share * area.strength))
    return split


def _painted(painter: FeedForward, scene: Scene, areas: Sequence[_Area], device: torch.device) -> Tensor:
    """The painting (1, 3, H, W) in [0, 1], on the CPU."""
    height, width = scene.size
    whole = _filled(scene.content)
    cuts = _cuts(whole)
    wheres = [_moved(area.where, device) for area in areas]
    looks, styles = _looks(painter, whole, wheres, device), _styles(painter, scene, device)
    parts = []
    for area, where, look in zip(areas, wheres, looks, strict=True):
        taken = look if area.region is None else at_strength(look, styles[area.region], area.strength)
        parts.append((where, taken))
    restyling = Restyling(parts)
    if len(cuts) == 1:
        seen: Tensor = painter(_shown(whole, device), restyling)
        return seen[:, :, :height, :width].cpu()
    for level in reversed(range(LEVELS)):
        restyling.learn(level, _measured(painter, whole, restyling, level, cuts, device))
    painted = torch.empty(1, 3, *whole.shape[2:])
    for tile in cuts:
        own, place = tile.features(painter(_shown(tile.crop(whole), device), restyling.within(tile)), 1)
        place.cut(painted, own).copy_(own)
    return painted[:, :, :height, :width]


def _looks(painter: FeedForward, picture: Tensor, wheres: Sequence[Mask | None], device: torch.device) -> list[Look]:
    """The look of each part of a picture, packed, of whole multiples of `UNIT`: looked at once for all parts."""
    tables: list[list[list[Tensor]]] = [[[] for _ in range(LEVELS)] for _ in wheres]
    for tile in _cuts(picture):
        for level, seen in enumerate(painter.encoded(_shown(tile.crop(picture), device))):
            part, place = tile.features(seen, 2 ** (level + 1))
            for where, each in zip(wheres, tables, strict=True):
                each[level].append(measured(part, place, where))
    return [look_of([torch.stack(parts).sum(0) for parts in each]) for each in tables]


def _styles(painter: FeedForward, scene: Scene, device: torch.device) -> list[Look]:
    """The look that each region takes."""
    looks: list[list[Look]] = [[] for _ in scene.regions]
    for number, style in enumerate(scene.styles):
        using = [place for place, region in enumerate(scene.regions) if region.shares[number]]
        wheres = [_moved(scene.regions[place].there[number], device) for place in using]
        found = _looks(painter, _filled(style), wheres, device)
        for place, each in zip(using, found, strict=True):
            looks[place].append(each)
    shares = [[share / sum(region.shares) for share in region.shares if share] for region in scene.regions]
    return [mixed(each, share) for each, share in zip(looks, shares, strict=True)]


def _cuts(picture: Tensor) -> Sequence[Tile]:
    return tiles((picture.shape[2], picture.shape[3]), _LONGEST, REACH, UNIT)


def _measured(
    painter: FeedForward, whole: Tensor, restyling: Restyling, level: int, cuts: Sequence[Tile], device: torch.device
) -> list[Tensor]:
    """What a level's features are like before they are moved, in each area, over all tiles."""
    each = []
    for tile in cuts:
        seen = painter.before(level, _shown(tile.crop(whole), device), restyling.within(tile))
        each.append(restyling.measured(*tile.features(seen, 2 ** (level + 1))))
    return [torch.stack(tables).sum(0) for tables in zip(*each, strict=True)]


def _shown(crop: Tensor, device: torch.device) -> Tensor:
    return unpacked(crop.to(device)).contiguous(memory_format=torch.channels_last)


def _filled(picture: Tensor) -> Tensor:
    """Its last row and column repeated, until both sides are whole multiples of `UNIT`."""
    height, width = picture.shape[2:]
    below, beside = -height % UNIT, -width % UNIT
    if not below and not beside:
        return picture
    rows = torch.arange(height + below).clamp_max(height - 1)
    columns = torch.arange(width + beside).clamp_max(width - 1)
    return picture[:, :, rows][:, :, :, columns]


def _moved(mask: Mask | None, device: torch.device) -> Mask | None:
    return mask and Mask(mask.pixels.to(device))
