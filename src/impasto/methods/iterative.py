"""Optimize the pixels themselves.

Gatys, Ecker, Bethge: Image Style Transfer Using Convolutional Neural Networks, CVPR 2016.

What differs from the paper, and why, is told in docs/method.md: losses relative to their targets, a pyramid of sizes,
pixels held in [0, 1], and a start in the style's colors.
"""

from collections.abc import Sequence
from math import sqrt

import torch

from impasto import devices
from impasto.devices import Compute
from impasto.engine.memory import check_memory
from impasto.engine.objective import Objective
from impasto.engine.optimize import Optimization
from impasto.engine.progress import OnProgress, silent
from impasto.engine.pyramid import Level, pyramid
from impasto.engine.roles import Role, Roles, cast
from impasto.engine.targets import Targets
from impasto.errors import ImageError, SettingsError
from impasto.images import Picture, PictureLike, read, recolor
from impasto.images.resize import fit, same_area
from impasto.methods.result import Result
from impasto.methods.start import starting_picture
from impasto.settings import StylizeSettings
from impasto.settings.look import parse_weights


def stylize(
    content: PictureLike, styles: Sequence[PictureLike], settings: StylizeSettings, on_progress: OnProgress = silent
) -> Result:
    """`content` painted in the look of `styles`, each a picture as `images.read` takes it.

    Ctrl-C ends the search and gives the picture reached so far. Raises `ImpastoError`, before the search begins, for
    pictures, networks, layers, devices or sizes that cannot be had.
    """
    shares = _shares(settings.style_weights, len(styles))
    compute = devices.choose(settings)
    roles = cast(settings, compute)
    photo = _read_content(content, settings, roles, compute)
    models = [_read_style(style, photo, settings) for style in styles]
    levels = pyramid(photo.shape, _smallest_scale(photo, models, roles), settings)

    canvas, colored = recolor.before(settings.color, photo.pixels, [model.pixels for model in models])
    start = starting_picture(canvas, colored, settings)
    targets = Targets(canvas.to(compute.device), [model.to(compute.device) for model in colored], shares, settings)

    def objective_at(level: Level, careful: bool) -> Objective:
        exact = Compute(compute.device, torch.float32)
        return targets.objective_at(level, cast(settings, exact) if careful else roles)

    search = Optimization(start.to(compute.device), levels, objective_at, settings, on_progress)
    search.run()
    painted = recolor.after(settings.color, search.image.cpu(), photo.pixels)
    return Result(Picture(painted, photo.alpha), settings, search.trace, search.stopped, search.notes)


def _shares(weights: str, styles: int) -> list[float]:
    """The weight of each style; together 1. Raises `SettingsError` where there are not as many as styles."""
    chosen = parse_weights(weights) or (1.0,) * styles
    if len(chosen) != styles:
        raise SettingsError(f"style-weights: {len(chosen)} weights for {styles} styles. Give one for each.")
    return [weight / sum(chosen) for weight in chosen]


def _read_content(content: PictureLike, settings: StylizeSettings, roles: Roles, compute: Compute) -> Picture:
    """The content at the size of the result; memory is checked when the size is known, before a pixel is decoded."""

    def size(height: int, width: int) -> tuple[int, int]:
        wanted = (height, width) if settings.size == "original" else fit(height, width, settings.size)
        check_memory(wanted, roles, settings, compute)
        return wanted

    return read(content, settings, size)


def _read_style(style: PictureLike, photo: Picture, settings: StylizeSettings) -> Picture:
    """The style in its own shape, with the content's area times the square of the style scale."""
    side = sqrt(photo.shape[0] * photo.shape[1]) * settings.style_scale
    return read(style, settings, lambda height, width: same_area(height, width, side))


def _smallest_scale(photo: Picture, models: Sequence[Picture], roles: Roles) -> float:
    """The scale at which every picture is just large enough for the deepest layer of the network that looks at it.

    Raises `ImageError` for a picture that is too small at full size.
    """
    looks = [(photo, roles.content), (photo, roles.style), *((model, roles.style) for model in models)]
    return max(_share_needed(picture, role) for picture, role in looks)


def _share_needed(picture: Picture, role: Role) -> float:
    side = min(picture.shape)
    if side < role.smallest_side:
        height, width = picture.shape
        raise ImageError(
            f"{width}x{height} px is too narrow: the {role.name} network needs {role.smallest_side} px at least. "
            "Use a larger --size, or a picture that is less narrow."
        )
    return role.smallest_side / side
