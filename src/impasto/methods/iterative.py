"""Optimize the pixels themselves.

Gatys, Ecker, Bethge: Image Style Transfer Using Convolutional Neural Networks, CVPR 2016.

What differs from the paper, and why, is told in docs/methods/iterative.md: losses relative to their targets, a pyramid
of sizes, pixels held in [0, 1], and a start in the style's colors.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from math import sqrt

import torch
from torch import Tensor

from impasto import devices
from impasto.devices import Compute
from impasto.engine.checkpoint import Checkpoint, digest
from impasto.engine.memory import Tiling, check_memory, check_style_memory
from impasto.engine.objective import Objective
from impasto.engine.optimize import Optimization, with_details_of
from impasto.engine.progress import OnProgress, Progress, silent
from impasto.engine.pyramid import Level, pyramid
from impasto.engine.regions import parts, untouched_outside
from impasto.engine.roles import SKETCH_PRICE, Role, Roles, load_roles, load_sketch
from impasto.engine.solvers import State
from impasto.engine.targets import Targets
from impasto.errors import ImageError, SettingsError
from impasto.images import Picture, PictureLike, read, recolor
from impasto.images.resize import fit, resize, same_area
from impasto.methods.masks import protected_part, regions_to_paint
from impasto.methods.result import Result
from impasto.methods.start import starting_picture
from impasto.settings import StylizeSettings
from impasto.settings.look import parse_weights
from impasto.settings.size import parse_scales


def stylize(
    content: PictureLike,
    styles: Sequence[PictureLike],
    settings: StylizeSettings,
    on_progress: OnProgress = silent,
    checkpoint: Checkpoint | None = None,
) -> Result:
    """`content` painted in the look of `styles`, each a picture as `images.read` takes it.

    Ctrl-C ends the search and gives the picture reached so far. What is found in `checkpoint` is gone on from, to the
    picture of an unbroken run, bit by bit where there are as many threads. Raises `ImpastoError`, before the search
    begins, for pictures, networks, layers, devices, sizes or a checkpoint that cannot be had.
    """
    shares = _shares(settings.style_weights, len(styles))
    compute = devices.choose(settings)
    roles = load_roles(settings, compute)
    photo = _read_content(content, settings, roles, compute)
    scales = _scales(settings.style_scale, len(styles))
    models = [_read_style(*look, photo, settings, roles, compute) for look in zip(styles, scales, strict=True)]
    levels = pyramid(photo.shape, _smallest_scale(photo, models, roles), settings)
    sketch = load_sketch(settings, roles, compute) if len(levels) > 1 else None
    if sketch:
        levels = [*(replace(level, price=SKETCH_PRICE) for level in levels[:-1]), levels[-1]]

    regions = regions_to_paint(settings, shares, photo, models, roles.content.network, compute.device)
    belonging = [[(there, here) for here, there in parts(regions, number)] for number in range(len(models))]
    canvas, colored = recolor.before(settings.color, photo.pixels, [model.pixels for model in models], belonging)
    start = starting_picture(canvas, colored, shares, settings, regions).to(compute.device)
    targets = Targets(
        canvas.to(compute.device),
        [model.to(compute.device) for model in colored],
        regions,
        settings,
        protected_part(settings, photo),
    )

    @cache
    def lookers(careful: bool) -> tuple[Roles | None, Roles]:
        """Who looks at all sizes but the last, and who at all that are left."""
        if not careful:
            return sketch, roles
        exact = Compute(compute.device, torch.float32)
        exact_roles = load_roles(settings, exact)
        return sketch and load_sketch(settings, exact_roles, exact), exact_roles

    def objective_at(level: Level, careful: bool) -> Objective:
        first, last = lookers(careful)
        looking = first if first and level.scale < 1 else last
        return targets.objective_at(level, looking, Tiling(looking, settings, free))

    def finish(painted: Tensor) -> Tensor:
        shape = (painted.shape[2], painted.shape[3])
        small = resize(photo.pixels, shape)
        masks = [region.here.at(shape) if region.here else None for region in regions]
        inside = list(zip(masks, masks, strict=True))
        return untouched_outside(regions, recolor.after(settings.color, painted.cpu(), small, inside), small)

    def tell(progress: Progress) -> None:
        on_progress(replace(progress, finish=finish))

    # Noise and a blank have no details that a larger size should get back.
    enlarge = resize if settings.init in ("noise", "blank") else with_details_of(start)
    masks = [mask.pixels if mask else None for region in regions for mask in (region.here, *region.there)]
    run = digest(settings.model_dump_json(), photo.pixels, *colored, start, *masks) if checkpoint else ""
    left_at = checkpoint.found(run) if checkpoint else None
    # Other tiles would round otherwise.
    free = left_at["free"] if left_at else devices.free_memory(compute.device)

    def keep(state: Callable[[], State]) -> None:
        if checkpoint:
            checkpoint.keep(lambda: {"run": run, "free": free, **state()})

    search = Optimization(start, levels, objective_at, settings, tell, enlarge, keep)
    if left_at:
        search.go_on_from(left_at)
    search.run()
    picture = Picture(finish(search.image), photo.alpha)
    if settings.protect and not targets.protected:
        search.notes.append("no face was found to protect. Paint one white in a mask: --protect FILE")
    return Result(picture, settings, search.trace, search.reached, search.stopped, search.notes)


def _shares(weights: str, styles: int) -> list[float]:
    """The weight of each style; together 1. Raises `SettingsError` where there are not as many as styles."""
    chosen = parse_weights(weights) or (1.0,) * styles
    if len(chosen) != styles:
        raise SettingsError(f"style-weights: one for each style, please: {len(chosen)} given, {styles} needed.")
    return [weight / sum(chosen) for weight in chosen]


def _scales(text: str, styles: int) -> list[float]:
    """The scale of each style. Raises `SettingsError` where there are neither one nor as many as styles."""
    scales = parse_scales(text)
    if len(scales) not in (1, styles):
        raise SettingsError(f"style-scale: one for all, or one for each style: {len(scales)} given, {styles} needed.")
    return list(scales) * (styles if len(scales) == 1 else 1)


def _read_content(content: PictureLike, settings: StylizeSettings, roles: Roles, compute: Compute) -> Picture:
    """The content at the size of the result; memory is checked when the size is known, before a pixel is decoded."""

    def size(height: int, width: int) -> tuple[int, int]:
        wanted = (height, width) if settings.size == "original" else fit(height, width, settings.size)
        check_memory(wanted, roles, settings, compute)
        return wanted

    return read(content, settings, size)


def _read_style(
    style: PictureLike, scale: float, photo: Picture, settings: StylizeSettings, roles: Roles, compute: Compute
) -> Picture:
    """The style in its own shape, with the content's area times the square of its scale."""
    side = sqrt(photo.shape[0] * photo.shape[1]) * scale

    def size(height: int, width: int) -> tuple[int, int]:
        wanted = same_area(height, width, side)
        check_style_memory(wanted, roles, compute)
        return wanted

    return read(style, settings, size)


def _smallest_scale(photo: Picture, models: Sequence[Picture], roles: Roles) -> float:
    """The scale at which every picture is just large enough for the deepest layer of the network that looks at it.

    Raises `ImageError` for a picture that is too small at full size.
    """
    content = [("the content", photo, role) for role in (roles.content, roles.style)]
    styles = [(f"style {number}", model, roles.style) for number, model in enumerate(models, 1)]
    return max(_share_needed(*look) for look in content + styles)


def _share_needed(what: str, picture: Picture, role: Role) -> float:
    side = min(picture.shape)
    if side < role.smallest_side:
        height, width = picture.shape
        raise ImageError(
            f"{what}, {width}x{height} px, is too narrow: the {role.name} network needs {role.smallest_side} px at "
            "least. Use a larger --size, or a picture that is less narrow."
        )
    return role.smallest_side / side
