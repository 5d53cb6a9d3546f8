"""The picture that the search begins with."""

import os.path
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from impasto.engine.regions import Region, parts
from impasto.errors import SettingsError, did_you_mean
from impasto.images import read, recolor, shape_of
from impasto.images.resize import resize, size_of
from impasto.settings import StylizeSettings
from impasto.settings.look import STARTS

_SPOT = 16
"""Size of a spot of noise in pixels."""


def starting_picture(
    content: Tensor,
    styles: Sequence[Tensor],
    shares: Sequence[float],
    settings: StylizeSettings,
    regions: Sequence[Region],
) -> Tensor:
    """(1, 3, H, W) in [0, 1], as large as `content`: what `settings.init` names. `shares` of the styles sum to 1.

    Raises `SettingsError` for an unknown name, `ImageError` for a file that cannot be read.
    """
    if settings.init == "content":
        return recolored(content, styles, regions, settings.strength)
    if settings.init == "blank":
        return _blend([style.mean((2, 3), keepdim=True) for style in styles], shares).expand_as(content).clone()
    if settings.init == "noise":
        # A spot beyond the style's range of colors would stay: where black and white begin, the sigmoid is flat.
        return recolored(_noise(size_of(content), settings.seed), styles, regions, 1.0)
    check_start(settings.init)
    size = size_of(content)
    return read(settings.init, settings, lambda *_: size).pixels


def check_start(init: str) -> None:
    """Raises `SettingsError` for an unknown name, `ImageError` for a file that is no picture."""
    if init in STARTS:
        return
    if not Path(init).suffix and not os.path.exists(init):
        raise SettingsError(f"init: there is no start {init!r}.{did_you_mean(init, STARTS)}")
    shape_of(Path(init))


def recolored(content: Tensor, styles: Sequence[Tensor], regions: Sequence[Region], strength: float) -> Tensor:
    """The photo, its colors moved towards the styles', region by region: all the way from strength 0.5 on.

    A photo in the right colors has a fraction of the style loss, and keeps its content: steps that would go into
    repainting the sky go into strokes, and what was black or white, where the sigmoid is flat, mostly is no more.
    """
    way, result = min(1.0, 2 * strength), content.clone()
    for region in regions:
        for number, share in enumerate(region.shares):
            if share:
                change = recolor.match_in_range(content, styles[number], parts([region], number)).sub_(content)
                result.add_(change, alpha=way * share / sum(region.shares))
    return result.clamp_(0, 1)


def _noise(size: tuple[int, int], seed: int) -> Tensor:
    """Spots (1, 3, height, width), some pixels wide.

    Networks hardly see how pixels differ from the next ones: of single pixels' noise some would be left to the end.
    """
    small, chance = [-(-side // _SPOT) for side in size], torch.Generator().manual_seed(seed)
    # What numbers a seed gives depends on their precision, and that on the caller's default where none is asked for.
    return resize(torch.rand(1, 3, *small, dtype=torch.float32, generator=chance), size).clamp_(0, 1)


def _blend(pictures: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    return torch.stack([share * picture for picture, share in zip(pictures, shares, strict=True)]).sum(0)
