"""The looks that the regions of a scene take: of the pictures of styles, or of their numbers."""

from collections.abc import Mapping, Sequence

import torch

from impasto.engine.looks import Look, mixed
from impasto.engine.mask import moved
from impasto.engine.regions import Region
from impasto.methods.looked_at import StylePicture
from impasto.methods.scene import Scene
from impasto.methods.style import look_of_saved
from impasto.networks.feedforward import FeedForward
from impasto.networks.style_file import SavedStyle


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
        left = scene.light_left.get(number, 1.0)
        if number in self._saved:
            found = [look_of_saved(self._painter, self._saved[number], scene.sides[number], left)] * len(new)
        elif all(region.there[number] is None for region in new):
            found = [self._picture(scene, number).look(scene.scale, left)] * len(new)
        else:
            wheres = [moved(region.there[number], self._device) for region in new]
            found = self._picture(scene, number).seen(scene.scale).looks(wheres)
        self._known |= {(number, region.name, scene.scale): look for region, look in zip(new, found, strict=True)}

    def _picture(self, scene: Scene, number: int) -> StylePicture:
        if number not in self._pictures:
            self._pictures[number] = StylePicture(self._painter, scene.styles[number], self._device)
        return self._pictures[number]
