"""Paint in one pass of a network.

What the network knows of a style are statistics, so several styles mix, regions have their own, and a large picture is
painted tile by tile, the same as the whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic

import torch
from torch import Tensor

from impasto import devices, networks
from impasto.devices import free_memory
from impasto.engine.checkpoint import Checkpoint
from impasto.engine.looks import Look, at_strength, from_vector, look_of, measured, mixed, size_of_a_look
from impasto.engine.objective import Mask
from impasto.engine.progress import OnProgress, Progress, silent
from impasto.engine.restyling import Restyling
from impasto.engine.tiles import Tile, tiles
from impasto.errors import DeviceError, ImageError
from impasto.images import Picture, PictureLike
from impasto.images.packing import unpacked
from impasto.methods.masks import protected_part
from impasto.methods.result import Result
from impasto.methods.scene import Scene, set_scene
from impasto.networks import FeatureNetwork
from impasto.networks.feedforward import LEVELS, REACH, UNIT, FeedForward, load_feedforward
from impasto.networks.style_file import SavedStyle, load_style
from impasto.settings import StylizeSettings
from impasto.styles import found

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
    """`content` painted in the look of `styles`, each a picture as `images.read` takes it, or a saved style.

    It takes so little time that no `checkpoint` is written. Raises `ImpastoError` for pictures, networks, devices and
    sizes that cannot be had.
    """
    del checkpoint
    began = monotonic()
    device = devices.choose(settings).device
    painter = load_feedforward(Path(settings.painter) if settings.painter else None).to(device)

    def check(size: tuple[int, int]) -> None:
        _check_size(size, device)

    def segmenter() -> FeatureNetwork:
        return networks.load("student").to(device)

    files = {number: path for number, style in enumerate(styles) if (path := found(style))}
    saved = {number: load_style(path, painter.fingerprint, size_of_a_look(painter)) for number, path in files.items()}
    pictures = [None if number in saved else style for number, style in enumerate(styles)]
    scene = set_scene(content, pictures, settings, segmenter, device, check, check)
    protected = protected_part(settings, scene.photo)
    with torch.inference_mode():
        finished = scene.finished(_painted(painter, scene, saved, _areas(scene, protected), device))
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


class Seen:
    """A picture, packed, as a network sees it, tile by tile."""

    def __init__(self, painter: FeedForward, picture: Tensor, device: torch.device) -> None:
        self.painter, self.picture, self.device = painter, _filled(picture), device
        height, width = self.picture.shape[2:]
        self.tiles = tiles((height, width), _LONGEST, REACH, UNIT)
        # A picture in one piece is looked at once.
        self._encoded = lru_cache(maxsize=1)(lambda number: painter.encoded(self._crop(self.tiles[number])))

    def __iter__(self) -> Iterator[tuple[Tile, list[Tensor]]]:
        """Each tile and its features."""
        for number, tile in enumerate(self.tiles):
            yield tile, self._encoded(number)

    def _crop(self, tile: Tile) -> Tensor:
        shown = unpacked(tile.crop(self.picture).to(self.device))
        return shown.contiguous(memory_format=torch.channels_last)

    def looks(self, wheres: Sequence[Mask | None]) -> list[Look]:
        """The look of each part of the picture: looked at once for all parts."""
        tables: list[list[list[Tensor]]] = [[[] for _ in range(LEVELS)] for _ in wheres]
        for tile, kept in self:
            for level, features in enumerate(kept):
                part, place = tile.features(features, 2 ** (level + 1))
                for where, each in zip(wheres, tables, strict=True):
                    each[level].append(measured(part, place, where))
        return [look_of(self.painter, [torch.stack(parts).sum(0) for parts in each]) for each in tables]

    def painted(self, restyling: Restyling) -> Tensor:
        """The painting (1, 3, H, W) in [0, 1], on the CPU."""
        if len(self.tiles) == 1:
            (_, kept), *_ = self
            return self.painter.painted(kept, restyling).cpu()
        for level in reversed(range(LEVELS)):
            restyling.learn(level, self._measured(level, restyling))
        painted = torch.empty(1, 3, *self.picture.shape[2:])
        for tile, kept in self:
            own, place = tile.features(self.painter.painted(kept, restyling.within(tile)), 1)
            place.cut(painted, own).copy_(own)
        return painted

    def _measured(self, level: int, restyling: Restyling) -> list[Tensor]:
        """What a level's features are like before they are moved, in each part, over all tiles."""
        each = []
        for tile, kept in self:
            before = self.painter.before(level, kept, restyling.within(tile))
            each.append(restyling.measured(*tile.features(before, 2 ** (level + 1))))
        return [torch.stack(tables).sum(0) for tables in zip(*each, strict=True)]


def _painted(
    painter: FeedForward,
    scene: Scene,
    saved: Mapping[int, SavedStyle],
    areas: Sequence[_Area],
    device: torch.device,
) -> Tensor:
    """The painting (1, 3, H, W) in [0, 1], on the CPU."""
    seen, styles = Seen(painter, scene.content, device), _styles(painter, scene, saved, device)
    wheres = [_moved(area.where, device) for area in areas]
    parts = []
    for area, where, look in zip(areas, wheres, seen.looks(wheres), strict=True):
        style = look if area.region is None else styles[area.region]
        parts.append((where, at_strength(look, style, area.strength)))
    height, width = scene.size
    return seen.painted(Restyling(parts))[:, :, :height, :width]


def _styles(painter: FeedForward, scene: Scene, saved: Mapping[int, SavedStyle], device: torch.device) -> list[Look]:
    """The look that each region takes."""
    looks: list[list[Look]] = [[] for _ in scene.regions]
    for number, side in enumerate(scene.sides):
        using = [place for place, region in enumerate(scene.regions) if region.shares[number]]
        if number in saved:
            known = [from_vector(painter, saved[number].at(side).to(device))] * len(using)
        else:
            wheres = [_moved(scene.regions[place].there[number], device) for place in using]
            known = Seen(painter, scene.styles[number], device).looks(wheres)
        for place, each in zip(using, known, strict=True):
            looks[place].append(each)
    shares = [[share / sum(region.shares) for share in region.shares if share] for region in scene.regions]
    return [mixed(each, share) for each, share in zip(looks, shares, strict=True)]


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
