"""Optimize the pixels themselves.

Gatys, Ecker, Bethge: Image Style Transfer Using Convolutional Neural Networks, CVPR 2016.

What differs from the paper, and why, is told in docs/methods/iterative.md: losses relative to their targets, a pyramid
of sizes, pixels held in [0, 1], and a start in the style's colors.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import torch
from torch import Tensor

from impasto import allocator, devices
from impasto.devices import Compute
from impasto.digests import file_digest
from impasto.engine.checkpoint import Checkpoint, digest
from impasto.engine.graphed import Graphed, graphed
from impasto.engine.mask import Mask
from impasto.engine.memory import Tiling, check_memory, check_style_memory
from impasto.engine.objective import Objective
from impasto.engine.optimize import Enlarge, Optimization, with_details_of
from impasto.engine.progress import OnProgress, Progress, silent
from impasto.engine.pyramid import Level, pyramid
from impasto.engine.roles import Role, Roles, load_roles, load_sketch
from impasto.engine.solvers import State
from impasto.engine.targets import Targets
from impasto.errors import ImageError
from impasto.images import PictureLike
from impasto.images.packing import packed, unpacked
from impasto.images.resize import resize
from impasto.losses import STYLE_LOSSES
from impasto.methods.light import evenly_lit
from impasto.methods.masks import protected_part, without_faces
from impasto.methods.notes import notes_on, notes_on_plain
from impasto.methods.result import Result
from impasto.methods.scene import Scene, Workshop, set_scene
from impasto.methods.start import starting_picture
from impasto.settings import NetworkSettings, StylizeSettings
from impasto.styles import check_pictures
from impasto.version import __version__

REMEDY = "Use --preset fast, or give the picture."
"""For a style in numbers."""


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
    check_pictures(styles, "a search", REMEDY)
    compute = devices.choose(settings)
    roles = load_roles(settings, compute)
    scene, protected = _set(content, styles, settings, roles, compute)
    smallest_scale = smallest_scale_of(scene, roles)
    start = start_of(scene, compute.device)
    targets = targets_of(scene, protected, compute.device)
    lookers = Lookers(settings, roles, compute)
    levels = pyramid(scene.size, smallest_scale, settings, lookers.sketch is not None)
    run = _digest(scene, targets, start, compute) if checkpoint else ""
    left_at = checkpoint.found(run, compute.device) if checkpoint else None
    # Other tiles would round otherwise.
    free = left_at["free"] if left_at else devices.free_memory(compute.device)

    def objective_at(level: Level, careful: bool) -> Objective | Graphed:
        looking = lookers.at(level, careful)
        objective = targets.objective_at(level, looking, Tiling(looking, settings, free))
        allocator.hand_back_freed_memory()
        return graphed(objective, compute.device) if _can_be_captured(settings) else objective

    def tell(progress: Progress) -> None:
        on_progress(replace(progress, finish=scene.finished))

    def keep(state: Callable[[], State]) -> None:
        if checkpoint:
            checkpoint.keep(lambda: {"run": run, "free": free, **state()})

    search = Optimization(start, levels, objective_at, settings, tell, enlarging(settings, start), keep)
    if left_at:
        search.go_on_from(left_at)
    search.run()
    picture = replace(scene.photo, pixels=scene.finished(search.image))
    notes = [*search.notes, *notes_on(settings, protected is not None), *notes_on_plain(scene.styles)]
    return Result(picture, settings, search.trace, search.reached, search.stopped, notes)


def _set(
    content: PictureLike, styles: Sequence[PictureLike], settings: StylizeSettings, roles: Roles, compute: Compute
) -> tuple[Scene, Mask | None]:
    """The scene, and where its photo is protected. Raises `ImpastoError` as `set_scene` does."""
    workshop = workshop_of(settings, roles, compute)

    def check(size: tuple[int, int]) -> None:
        workshop.check(size)
        if len(Tiling(roles, settings, devices.free_memory(compute.device))(size)) > 1:
            # Before anything large is read: what lies in the C library's own memory by then would stay there.
            allocator.hand_back_large_memory()

    scene = set_scene(content, styles, settings, replace(workshop, check=check))
    protected = protected_part(settings, scene.photo)
    lit = workshop.light(scene)
    if settings.protect == "faces" and not protected:
        # In styles as they are: in less light some are missed, and they would be looked for anew for every photo.
        lit = replace(lit, regions=without_faces(scene.regions, scene.styles))
    return lit, protected


def workshop_of(settings: StylizeSettings, roles: Roles, compute: Compute) -> Workshop:
    """Where a search sets its scenes."""
    return Workshop(
        lambda: roles.content.network,
        compute.device,
        lambda size: check_memory(size, roles, settings, compute),
        lambda size: check_style_memory(size, roles, compute),
        evenly_lit,
    )


def _can_be_captured(settings: StylizeSettings) -> bool:
    """Whether a look asks the device for nothing. It is not tried where it would fail: that costs memory for good."""
    return not any(loss.asks for loss in STYLE_LOSSES[settings.style_loss])


class Lookers:
    """Who looks at the pictures: at sketches, at all that are left, and where more care is needed."""

    def __init__(self, settings: NetworkSettings, roles: Roles, compute: Compute) -> None:
        """Raises `ImpastoError` for a network that cannot be had."""
        self.roles, self.sketch = roles, load_sketch(settings, roles, compute)
        self._settings, self._compute = settings, compute

    def at(self, level: Level, careful: bool) -> Roles:
        """Those who look at a level; true asks for float32, whatever the precision of the run."""
        sketch, roles = self._careful if careful else (self.sketch, self.roles)
        return sketch if sketch and level.sketched else roles

    @cached_property
    def _careful(self) -> tuple[Roles | None, Roles]:
        exact = Compute(self._compute.device, torch.float32)
        roles = load_roles(self._settings, exact)
        return self.sketch and load_sketch(self._settings, roles, exact), roles


def start_of(scene: Scene, device: torch.device) -> Tensor:
    """What the search begins with, (1, 3, H, W), packed."""
    content, styles = unpacked(scene.content), [unpacked(style) for style in scene.styles.values()]
    return packed(starting_picture(content, styles, scene.shares, scene.settings, scene.regions)).to(device)


def enlarging(settings: StylizeSettings, start: Tensor) -> Enlarge:
    """How a picture becomes that of the next larger size: noise and a blank have no details to get back there."""
    return resize if settings.init in ("noise", "blank") else with_details_of(start)


def targets_of(scene: Scene, protected: Mask | None, device: torch.device) -> Targets:
    """What the picture is pulled towards, on the device."""
    styles = [style.to(device) for style in scene.styles.values()]
    return Targets(scene.content.to(device), styles, scene.regions, scene.settings, protected)


def _digest(scene: Scene, targets: Targets, start: Tensor, compute: Compute) -> str:
    """Another one for any run that comes to another picture: the settings may say `auto`, and what is learned on a card
    is of another form."""
    masks = [mask.pixels if mask else None for region in scene.regions for mask in (region.here, *region.there)]
    masks.append(targets.protected.pixels if targets.protected else None)
    files = [file_digest(path).hex() for path in scene.settings.named]
    kept = scene.settings.model_dump_json(exclude={*scene.settings.unseen})
    words = "|".join((__version__, kept, compute.device.type, str(compute.dtype), *files))
    return digest(words, scene.photo.pixels, *targets.styles, start, *masks)


def smallest_scale_of(scene: Scene, roles: Roles) -> float:
    """The scale at which every picture is just large enough for the deepest layer of the network that looks at it.

    Raises `ImageError` for a picture that is too small at full size.
    """
    content = [("the content", scene.content, role) for role in (roles.content, roles.style)]
    styles = [(f"style {number + 1}", style, roles.style) for number, style in scene.styles.items()]
    return max(_share_needed(*look) for look in content + styles)


def _share_needed(what: str, picture: Tensor, role: Role) -> float:
    height, width = picture.shape[2:]
    if min(height, width) < role.smallest_side:
        raise ImageError(
            f"{what}, {width}x{height} px, is too narrow: the {role.name} network needs {role.smallest_side} px at "
            "least. Use a larger --size, or a picture that is less narrow."
        )
    return role.smallest_side / min(height, width)
