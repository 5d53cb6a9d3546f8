"""How broadly the light of a style varies: no more so than the photo's.

Statistics of a style tell how much of it is bright sky and how much dark ground, and not where. A photo that is light
and dark in its details alone, a heron in the reeds, has no place for a sky, and burns out where it gets one. So the
broad light of such a style is evened out, until its share in all that lightness varies is that of the photo's. Strokes,
and all that is small, stay as they are.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from impasto.images.light import evened, left_of, light_of
from impasto.methods.scene import Scene


def evenly_lit(scene: Scene) -> Scene:
    """The scene with styles whose light is no broader than the photo's, unless that does not count."""
    if not scene.settings.content_weight:
        return scene
    left = light_left(scene, lambda number: light_of(scene.styles[number])[1])
    return replace(scene, styles={number: evened(style, left[number]) for number, style in scene.styles.items()})


def light_left(scene: Scene, breadth: Callable[[int], float]) -> dict[int, float]:
    """What is to be left of the broad light of each style, by number, which varies as broadly as `breadth` says.

    Of a style of which somebody chose a part it is all.
    """
    left = dict.fromkeys(range(len(scene.sides)), 1.0)
    for number in left:
        if all(region.there[number] is None for region in scene.regions):
            left[number] = left_of(breadth(number), light_of(scene.content, _painted(scene, number))[1])
    return left


def _painted(scene: Scene, number: int) -> Tensor | None:
    """Where the picture is painted from the style of that number, (1, 1, H, W); None for everywhere.

    One that comes later in a film is taken to come wherever anything is painted.
    """
    regions = [region for region in scene.regions if region.shares[number]] or scene.regions
    found = [region.here.pixels for region in regions if region.here]
    return torch.stack(found).sum(0) if found and len(found) == len(regions) else None
