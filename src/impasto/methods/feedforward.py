"""Paint in one pass of a network at each of a few sizes, the smallest first, so that there are large strokes too.

What the network knows of a style are statistics, so several styles mix, regions have their own, and a large picture is
painted tile by tile, the same as the whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from time import monotonic

import torch
from torch import Tensor

from impasto import allocator, devices, networks
from impasto.devices import free_memory
from impasto.engine.checkpoint import Checkpoint
from impasto.engine.looks import own_look_of
from impasto.engine.mask import moved
from impasto.engine.progress import OnProgress, Progress, silent
from impasto.engine.restyling import painted_over, restyling_of
from impasto.errors import DeviceError, ImageError
from impasto.images import PictureLike, recolor
from impasto.images.light import light_of
from impasto.images.packing import channels, is_large, packed, unpacked
from impasto.images.resize import resize, size_of
from impasto.images.strips import strips
from impasto.methods.areas import Area, aims, areas, faded, strength_map
from impasto.methods.crew import crew_of, painted_by
from impasto.methods.light import light_left
from impasto.methods.masks import protected_part
from impasto.methods.notes import notes_on
from impasto.methods.painters import Painters, painter_for
from impasto.methods.result import Result
from impasto.methods.scene import Scene, Workshop, set_scene
from impasto.methods.seen import Seen
from impasto.methods.style import apart, breadth_of_saved
from impasto.methods.style_looks import StyleLooks
from impasto.networks.feedforward import UNIT, FeedForward
from impasto.networks.style_file import SavedStyle
from impasto.settings import StylizeSettings

_SMALLEST = 4 * UNIT
"""Shorter side in pixels of a picture that statistics can be taken of."""
_COARSEST = 96
"""Shorter side in pixels of the smallest picture that a larger one is painted over."""
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
    saved, pictures = apart(painter, styles)
    workshop = workshop_of(settings, device, saved)

    def check(size: tuple[int, int]) -> None:
        workshop.check(size)
        if is_large((1, 3, *size)):
            allocator.hand_back_large_memory()

    scene = workshop.light(set_scene(content, pictures, settings, replace(workshop, check=check)))
    protected = protected_part(settings, scene.photo)
    with torch.inference_mode():
        painted = scene.finished(_painted(painter, scene, saved, areas(scene, protected), device))
    finished = torch.from_numpy(painted.numpy())  # the same memory, which the caller may change, and learn of
    on_progress(Progress(1, 1, scene.size, 0.0, {}, monotonic() - began, 0.0, finished))
    notes = [*notes_on(settings, protected is not None)]
    return Result(replace(scene.photo, pixels=finished), settings, [], {}, "painted", notes)


def workshop_of(settings: StylizeSettings, device: torch.device, saved: Mapping[int, SavedStyle]) -> Workshop:
    """Where one pass sets its scenes, with styles of which some, by number, are `saved`.

    It refuses sizes that are too narrow, or too large for the memory.
    """
    each = max(_EACH, recolor.bytes_of(settings.color))

    def lit(scene: Scene) -> Scene:
        def breadth(number: int) -> float:
            if number in saved:
                return breadth_of_saved(saved[number], scene.sides[number])
            return light_of(scene.styles[number])[1]

        return replace(scene, light_left=light_left(scene, breadth))

    return Workshop(
        lambda: networks.load("student").to(device),
        device,
        lambda size: _check("picture", size, each, device, "--size"),
        lambda size: _check("style", size, _EACH, device, "--style-scale"),
        lit,
    )


def _check(what: str, size: tuple[int, int], each: int, device: torch.device, knob: str) -> None:
    """Raises `ImageError` or `DeviceError`; `each` pixel takes so many bytes."""
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
        crew = crew_of(painters, areas, scene.regions, aimed)
        painting = painted_by(seen, crew, [restyling_of(aimed, own) for _ in crew])
    assert painting is not None
    return faded(painting, scene.content, areas)


def _scales(size: tuple[int, int], brushes: int) -> list[float]:
    """Of the sizes at which a picture of (height, width) is painted, smallest first; the last one is 1."""
    smaller = [0.5**halvings for halvings in range(1, brushes)]
    return [*(scale for scale in reversed(smaller) if min(size) * scale >= _COARSEST), 1.0]


def _over(content: Tensor, painting: Tensor, areas: Sequence[Area]) -> Tensor:
    """What the next larger painting is painted from, packed: `content`, packed, over which the `painting` shows."""
    height, width = size = size_of(content)
    strengths = reduce(torch.add, [strength_map(area, size) for area in areas])
    result = torch.empty_like(content)
    for photo, painted, shown in channels(content, painting, result):
        large = resize(painted.contiguous(), size)
        for rows in strips(height, width):
            over = painted_over(unpacked(photo[:, :, rows]), large[:, :, rows], strengths[:, :, rows])
            shown[:, :, rows] = packed(over)
    return result
