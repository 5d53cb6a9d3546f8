"""Optimize the pixels themselves.

Gatys, Ecker, Bethge: Image Style Transfer Using Convolutional Neural Networks, CVPR 2016.

What differs from the paper, and why, is told in docs/methods/iterative.md: losses relative to their targets, a pyramid
of sizes, pixels held in [0, 1], and a start in the style's colors.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import torch

from impasto import devices
from impasto.devices import Compute
from impasto.engine.checkpoint import Checkpoint
from impasto.engine.memory import Tiling
from impasto.engine.objective import Objective
from impasto.engine.optimize import Optimization, with_details_of
from impasto.engine.progress import OnProgress, Progress, silent
from impasto.engine.pyramid import Level, pyramid
from impasto.engine.roles import Roles, load_roles, load_sketch
from impasto.engine.solvers import State
from impasto.images import Picture, PictureLike
from impasto.images.resize import resize
from impasto.methods.result import Result
from impasto.methods.scene import set_scene
from impasto.settings import StylizeSettings


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
    compute = devices.choose(settings)
    roles = load_roles(settings, compute)
    scene = set_scene(content, styles, settings, roles, compute)
    sketch = load_sketch(settings, roles, compute)
    levels = pyramid(scene.size, scene.smallest_scale, settings, sketch is not None)

    @cache
    def lookers(careful: bool) -> tuple[Roles | None, Roles]:
        """Who looks at sketches, and who at all that are left."""
        if not careful:
            return sketch, roles
        exact = Compute(compute.device, torch.float32)
        exact_roles = load_roles(settings, exact)
        return sketch and load_sketch(settings, exact_roles, exact), exact_roles

    def objective_at(level: Level, careful: bool) -> Objective:
        first, last = lookers(careful)
        looking = first if first and level.sketched else last
        return scene.targets.objective_at(level, looking, Tiling(looking, settings, free))

    def tell(progress: Progress) -> None:
        on_progress(replace(progress, finish=scene.finished))

    # Noise and a blank have no details that a larger size should get back.
    enlarge = resize if settings.init in ("noise", "blank") else with_details_of(scene.start)
    run = scene.digest if checkpoint else ""
    left_at = checkpoint.found(run) if checkpoint else None
    # Other tiles would round otherwise.
    free = left_at["free"] if left_at else devices.free_memory(compute.device)
    if len(Tiling(roles, settings, free)(scene.size)) > 1:
        devices.hand_back_large_memory()

    def keep(state: Callable[[], State]) -> None:
        if checkpoint:
            checkpoint.keep(lambda: {"run": run, "free": free, **state()})

    search = Optimization(scene.start, levels, objective_at, settings, tell, enlarge, keep)
    if left_at:
        search.go_on_from(left_at)
    search.run()
    picture = Picture(scene.finished(search.image), scene.alpha)
    if settings.protect and not scene.targets.protected:
        search.notes.append("no face was found to protect. Paint one white in a mask: --protect FILE")
    return Result(picture, settings, search.trace, search.reached, search.stopped, search.notes)
