"""The picture that the search begins with."""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.images import read, recolor
from impasto.settings import StylizeSettings


def starting_picture(content: Tensor, styles: Sequence[Tensor], settings: StylizeSettings) -> Tensor:
    """(1, 3, H, W) in [0, 1], as large as `content`: what `settings.init` names.

    Raises `ImageError` where that is a file, and it cannot be read.
    """
    if settings.init == "blank":
        return palette(styles).mean(3, keepdim=True).expand_as(content).clone()
    if settings.init == "noise":
        generator = torch.Generator().manual_seed(settings.seed)
        return torch.rand(content.shape, generator=generator)
    if settings.init == "content":
        return recolored(content, styles, settings.strength)
    height, width = content.shape[2:]
    return read(settings.init, settings, lambda *_: (height, width)).pixels


def recolored(content: Tensor, styles: Sequence[Tensor], strength: float) -> Tensor:
    """The photo, its colors moved towards the styles': all the way from strength 0.5 on.

    A photo in the right colors has a fraction of the style loss, and keeps its content: steps that would go into
    repainting the sky go into strokes. No part starts black or white, where the sigmoid's slope would hold it.
    """
    return torch.lerp(content, recolor.match(content, palette(styles)), min(1.0, 2 * strength))


def palette(styles: Sequence[Tensor]) -> Tensor:
    """All pixels of all styles in one row, (1, 3, 1, N): their colors without their shapes."""
    return torch.cat([style.flatten(2) for style in styles], dim=2).unsqueeze(2)
