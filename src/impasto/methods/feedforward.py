"""Paint in one pass of a network at each of a few sizes, the smallest first, so that there are large strokes too.

What the network knows of a style are statistics, so several styles mix, regions have their own, and a large picture is
painted tile by tile, the same as the whole.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from time import monotonic
from typing import NamedTuple

import torch
from torch import Tensor

from impasto import devices, networks
from impasto.devices import free_memory
from impasto.engine.checkpoint import Checkpoint
from impasto.engine.looks import Look, at_strength, mixed, own_look_of, share_of
from impasto.engine.mask import Mask
from impasto.engine.progress import OnProgress, Progress, silent
from impasto.engine.regions import Region
from impasto.engine.restyling import FADED, Restyling, painted_over, restyling_of
from impasto.errors import DeviceError, ImageError
from impasto.images import PictureLike, recolor
from impasto.images.packing import as_packed_as, channels, is_large, packed, unpacked
from impasto.images.resize import resize
from impasto.images.strips import strips
from impasto.methods.looked_at import StylePicture
from impasto.methods.masks import protected_part
from impasto.methods.notes import notes_on
from impasto.methods.painters import Painters, painter_for
from impasto.methods.result import Result
from impasto.methods.scene import Scene, set_scene
from impasto.methods.seen import Seen
from impasto.methods.style import apart, look_of_saved
from impasto.networks import FeatureNetwork
from impasto.networks.feedforward import UNIT, FeedForward
from impasto.networks.style_file import SavedStyle
from impasto.settings import StylizeSettings
from impasto.settings.look import ColorMode

_SMALLEST = 4 * UNIT
"""Shorter side in pixels of a picture that statistics can be taken of."""
_COARSEST = 96
"""Shorter side in pixels of the smallest picture that a larger one is painted over."""
_PROTECTION = 0.5
"""Of the strength, what is left out where the photo is protected: of more a face is a photo in a painting's hole."""
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
    compute = devices.choose(settings)
    device = compute.device
    painter = painter_for(settings.painter, compute)

    def check(size: tuple[int, int]) -> None:
        check_size(size, settings.color, device)
        if is_large((1, 3, *size)):
            devices.hand_back_large_memory()

    def segmenter() -> FeatureNetwork:
        return networks.load("student").to(device)

    saved, pictures = apart(painter, styles)
    scene = set_scene(content, pictures, settings, segmenter, device, check, partial(check_style_size, device=device))
    protected = protected_part(settings, scene.photo)
    with torch.inference_mode():
        painted = scene.finished(_painted(painter, scene, saved, areas(scene, protected), device))
    finished = torch.from_numpy(painted.numpy())  # the same memory, which the caller may change, and learn of
    on_progress(Progress(1, 1, scene.size, 0.0, {}, monotonic() - began, 0.0, finished))
    notes = [*notes_on(settings, protected is not None)]
    return Result(replace(scene.photo, pixels=finished), settings, [], {}, "painted", notes)


def check_size(size: tuple[int, int], color: ColorMode, device: torch.device) -> None:
    """Raises `ImageError` for a (height, width) that is too narrow, `DeviceError` for one too large for the memory."""
    _check("picture", size, max(_EACH, recolor.bytes_of(color)), device, "--size")


def check_style_size(size: tuple[int, int], device: torch.device) -> None:
    """The same of a style, which is as large as its scale makes it."""
    _check("style", size, _EACH, device, "--style-scale")


def _check(what: str, size: tuple[int, int], each: int, device: torch.device, knob: str) -> None:
    """`each` pixel takes so many bytes."""
    needed, free = _BASE + each * size[0] * size[1], free_memory(device)
    if min(size) < _SMALLEST:
        raise ImageError(
            f"{size[1]}x{size[0]} px is too narrow: {_SMALLEST} px a side are needed. Use a larger {knob}."
        )
    if needed > free:
        raise DeviceError(
            f"a {what} of {size[1]}x{size[0]} px needs about {needed / 2**30:.1f} GiB of memory and "
            f"{free / 2**30:.1f} GiB are free. Use a smaller {knob}."
        )


@dataclass(frozen=True)
class Area:
    """A part of the photo that is painted in one way."""

    where: Mask | None
    """None for everywhere."""
    region: int | None
    """The number of the region that it belongs to; None where the photo stays."""
    strength: float


def areas(scene: Scene, protected: Mask | None) -> list[Area]:
    """The regions of the scene, what is in none of them, and what is protected by itself."""
    strength = scene.settings.strength
    found = [Area(region.here, number, strength) for number, region in enumerate(scene.regions)]
    if all(area.where for area in found):
        inside = torch.stack([area.where.pixels for area in found if area.where]).sum(0)
        found.append(Area(Mask((1 - inside).clamp(0, 1)), None, 0.0))
    split = found if not protected else _split(found, protected)
    # Nothing has no statistics: where a mask is white all over, what is outside of it is left out.
    return [area for area in split if not area.where or area.where.pixels.any()]


def _split(found: Sequence[Area], protected: Mask) -> list[Area]:
    """Each area, what is protected of it by itself; those that stay as they are need no protection."""
    split = [area for area in found if not area.strength]
    for area in (each for each in found if each.strength):
        for pixels, share in ((1 - protected.pixels, 1.0), (protected.pixels, 1 - _PROTECTION)):
            where = Mask(area.where.pixels * pixels if area.where else pixels)
            split.append(Area(where, area.region, share * area.strength))
    return split


def _painted(
    painter: FeedForward,
    scene: Scene,
    saved: Mapping[int, SavedStyle],
    areas: Sequence[Area],
    device: torch.device,
) -> Tensor:
    """The painting (1, 3, H, W) in [0, 1], packed if it is very large, on the CPU: small, then larger and larger."""
    wheres, painting = [moved(area.where, device) for area in areas], None
    painters, known = Painters(painter, saved), StyleLooks(painter, saved, device)
    for each in map(scene.at, _scales(scene.size, scene.settings.brushes)):
        content = each.content if painting is None else _over(each.content, painting, areas)
        seen = Seen(painter, content, device)
        own = seen.spreads(wheres)
        aimed = aims(areas, wheres, list(map(own_look_of, own)), known.of(each))
        parts = parts_of(painters, areas, scene.regions, aimed)
        painting = painted_by(seen, parts, [restyling_of(aimed, own) for _ in parts])
    assert painting is not None
    return faded(painting, scene.content, areas)


Aims = Sequence[tuple[Mask | None, Look]]
"""Where each area is, and what look it takes."""


class Part(NamedTuple):
    """What of a picture a network paints."""

    network: FeedForward
    where: Mask | None
    """None for everywhere."""
    first: int
    """The number of the first area that it paints."""


def parts_of(painters: Painters, areas: Sequence[Area], regions: Sequence[Region], aims: Aims) -> list[Part]:
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
        return [Part(next(iter(found), painters.plain), None, 0)]
    wheres = {network: [areas[number].where for number in numbers] for network, numbers in found.items()}
    return [
        Part(network, Mask(torch.stack([where.pixels for where in wheres[network] if where]).sum(0)), numbers[0])
        for network, numbers in found.items()
    ]


def _shares(area: Area, regions: Sequence[Region]) -> list[float]:
    """How much of each style there is to be in an area that belongs to a region."""
    assert area.region is not None
    shares = regions[area.region].shares
    return [share_of(area.strength) * share / sum(shares) for share in shares]


def painted_by(seen: Seen, parts: Sequence[Part], restylings: Sequence[Restyling]) -> Tensor:
    """The painting (1, 3, H, W) in [0, 1], packed if it is very large, on the CPU: each part with its restyling.

    Where they meet softly, their paintings do.
    """
    first, *others = parts
    painting = seen.painted(restylings[0], first.network)
    total = first.where.at(painting.shape[2:]).clone() if first.where else None  # type: ignore[arg-type]
    for (network, mask, _), restyling in zip(others, restylings[1:], strict=True):
        assert mask
        assert total is not None
        other, share = seen.painted(restyling, network), mask.at(painting.shape[2:])  # type: ignore[arg-type]
        for rows in strips(*painting.shape[2:]):
            total[:, :, rows] += share[:, :, rows]
            weight = share[:, :, rows] / total[:, :, rows].clamp_min(1e-6)
            mixed_rows = torch.lerp(unpacked(painting[:, :, rows]), unpacked(other[:, :, rows]), weight)
            painting[:, :, rows] = as_packed_as(painting, mixed_rows)
    return painting


def faded(painting: Tensor, photo: Tensor, areas: Sequence[Area]) -> Tensor:
    """A painting (1, 3, H, W) through which the `photo` shows where strengths are next to nothing; both may be packed.

    At strength 0 it is the photo, from `FADED` on the painting. Outside of all regions the photo is put back anyway.
    """
    if all(area.region is None or area.strength >= FADED for area in areas):
        return painting
    size = painting.shape[2], painting.shape[3]
    shares = [_map(replace(area, strength=min(1.0, area.strength / FADED)), size) for area in areas]
    total = reduce(torch.add, shares).clamp_max(1)
    for rows in strips(*size):
        there, painted = (unpacked(each[:, :, rows]) for each in (photo, painting))
        painting[:, :, rows] = as_packed_as(painting, torch.lerp(there, painted, total[:, :, rows]))
    return painting


def aims(areas: Sequence[Area], wheres: Sequence[Mask | None], own: Sequence[Look], styles: Sequence[Look]) -> Aims:
    """The looks go from each area's `own` towards that of its region among `styles`."""
    return [
        (where, at_strength(look, look if area.region is None else styles[area.region], area.strength))
        for area, where, look in zip(areas, wheres, own, strict=True)
    ]


def _scales(size: tuple[int, int], brushes: int) -> list[float]:
    """Of the sizes at which a picture of (height, width) is painted, smallest first; the last one is 1."""
    smaller = [0.5**halvings for halvings in range(1, brushes)]
    return [*(scale for scale in reversed(smaller) if min(size) * scale >= _COARSEST), 1.0]


def _over(content: Tensor, painting: Tensor, areas: Sequence[Area]) -> Tensor:
    """What the next larger painting is painted from, packed: `content`, packed, over which the `painting` shows."""
    height, width = size = content.shape[2], content.shape[3]
    strengths = reduce(torch.add, [_map(area, size) for area in areas])
    result = torch.empty_like(content)
    for photo, painted, shown in channels(content, painting, result):
        large = resize(painted.contiguous(), size)
        for rows in strips(height, width):
            over = painted_over(unpacked(photo[:, :, rows]), large[:, :, rows], strengths[:, :, rows])
            shown[:, :, rows] = packed(over)
    return result


def _map(area: Area, size: tuple[int, int]) -> Tensor:
    """How strongly the area is painted, (1, 1, H, W)."""
    if area.where is None:
        return torch.full((), area.strength).expand(1, 1, *size)
    return area.strength * area.where.at(size)


class StyleLooks:
    """What the network knows of the styles, found out when it is first asked for."""

    def __init__(self, painter: FeedForward, saved: Mapping[int, SavedStyle], device: torch.device) -> None:
        """`saved` are the styles, by number, that are known by numbers alone."""
        self._painter, self._saved, self._device = painter, saved, device
        self._pictures: dict[int, StylePicture] = {}
        self._known: dict[tuple[int, str, float], Look] = {}

    def of(self, scene: Scene) -> list[Look]:
        """The look that each region of the scene takes. Its styles are those of all scenes that were asked for."""
        looks: list[list[Look]] = [[] for _ in scene.regions]
        for number in range(len(scene.sides)):
            using = [place for place, region in enumerate(scene.regions) if region.shares[number]]
            self._find(scene, number, [scene.regions[place] for place in using])
            for place in using:
                looks[place].append(self._known[number, scene.regions[place].name, scene.scale])
        shares = [[share / sum(region.shares) for share in region.shares if share] for region in scene.regions]
        return [mixed(each, share) for each, share in zip(looks, shares, strict=True)]

    def _find(self, scene: Scene, number: int, regions: Sequence[Region]) -> None:
        """Looks once at a style for all regions that are new."""
        new = [region for region in regions if (number, region.name, scene.scale) not in self._known]
        if not new:
            return
        if number in self._saved:
            found = [look_of_saved(self._painter, self._saved[number], scene.sides[number])] * len(new)
        elif all(region.there[number] is None for region in new):
            found = [self._picture(scene, number).look(scene.scale)] * len(new)
        else:
            wheres = [moved(region.there[number], self._device) for region in new]
            found = self._picture(scene, number).seen(scene.scale).looks(wheres)
        self._known |= {(number, region.name, scene.scale): look for region, look in zip(new, found, strict=True)}

    def _picture(self, scene: Scene, number: int) -> StylePicture:
        if number not in self._pictures:
            self._pictures[number] = StylePicture(self._painter, scene.styles[number], self._device)
        return self._pictures[number]


def moved(mask: Mask | None, device: torch.device) -> Mask | None:
    """The mask on a device."""
    return mask and Mask(mask.pixels.to(device))
