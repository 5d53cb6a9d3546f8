"""The colors that the settings promise, of painted frames: one change for all of a shot, so that they do not pump."""

from collections.abc import Callable, Mapping

from torch import Tensor

from impasto.engine.regions import own_parts
from impasto.images import recolor
from impasto.images.packing import unpacked
from impasto.images.recolor import After
from impasto.methods.film import Cue, cues_of, named, tensor_of, turns
from impasto.methods.scene import Scene


class Coloring:
    """What is done to the colors of a shot, learned from its first frame. Begin anew with a new shot."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], After] = {}
        """By the names of the regions that there are: a mask may bring new ones later."""
        self._lessons: list[tuple[Cue, Tensor]] = []
        """What it was learned from, in turn: a frame, and its painting (1, 3, H, W), or no rows of that where the frame
        is enough.
        """

    def __call__(self, painted: Tensor, scene: Scene, cue: Cue) -> Tensor:
        """The painting (1, 3, H, W) of the scene of a frame, in its colors."""
        names = tuple(region.name for region in scene.regions)
        if names not in self._known:
            self._learn(painted, scene, cue)
        return self._known[names](painted, unpacked(scene.photo.pixels), own_parts(scene.regions, scene.size))

    def _learn(self, painted: Tensor, scene: Scene, cue: Cue) -> None:
        mode, names = scene.settings.color, tuple(region.name for region in scene.regions)
        parts = own_parts(scene.regions, scene.size)
        self._known[names] = recolor.learned(mode, painted, unpacked(scene.photo.pixels), parts)
        self._lessons.append((cue, painted if recolor.is_learned(mode) else painted[:, :, :0]))

    def state(self) -> dict[str, Tensor]:
        """All that it takes to learn the same again."""
        held: dict[str, Tensor] = {}
        for number, (cue, painted) in enumerate(self._lessons):
            held[f"turn {number}"] = turns(cue, cue)
            held[f"frame {number}"] = tensor_of(cue.frame)
            held[f"painted {number}"] = painted.contiguous()
        return held

    def take(self, state: Mapping[str, Tensor], scene_of: Callable[[Cue], Scene | None]) -> None:
        """Goes on in a shot that gave this state. `scene_of` is shown its first frame as one that begins it."""
        for number in range(len(named(state, "turn"))):
            first, later = cues_of(state[f"turn {number}"], state[f"frame {number}"].numpy())
            cue = later if number else first
            if scene := scene_of(cue):
                self._learn(state[f"painted {number}"], scene, cue)
