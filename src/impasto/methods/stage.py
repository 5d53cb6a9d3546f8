"""What each frame of a film is painted from: a scene, as if it were a picture, with what a shot has in common."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from impasto.engine.objective import Mask
from impasto.engine.regions import Region, whole
from impasto.errors import SettingsError
from impasto.images import Picture, PictureLike, recolor
from impasto.images.packing import packed, unpacked
from impasto.images.recolor import After
from impasto.methods.film import Cue, Frame, cues_of, named, turns
from impasto.methods.masks import NothingThereError, protected_part, regions_to_paint
from impasto.methods.scene import Check, Scene, set_scene
from impasto.methods.timeline import Timeline
from impasto.networks import FeatureNetwork
from impasto.settings import FilmSettings, StylizeSettings


class Stage:
    """Scenes of a film's frames.

    What is read or learned from the first frame of a shot holds for all of it: the styles, in the shot's colors where
    they take them, and what is done to the colors of the painted frames.
    """

    def __init__(
        self,
        styles: Sequence[PictureLike | None],
        timeline: Timeline,
        settings: FilmSettings,
        network: Callable[[], FeatureNetwork],
        device: torch.device,
        check: Check,
        check_style: Check,
    ) -> None:
        """`styles`, those that come later too, and what comes after the settings, are as `set_scene` takes them.

        Raises `SettingsError` for folders of masks without a picture.
        """
        self._settings, self._timeline = settings, timeline

        def set_first(frame: Frame, settings: StylizeSettings) -> Scene:
            return set_scene(frame, styles, settings, network, device, check, check_style)

        self._set_first = set_first
        self._network, self._device = network, device
        self._masks, self._protect = frames_of("mask", settings.mask), frames_of("protect", settings.protect)
        self.scene: Scene | None = None
        """Of the shot's first frame, for what does not change."""
        self._cue: Cue | None = None
        """The one whose turn it is."""
        self._colors: dict[tuple[str, ...], After] = {}
        """What is done to colors, by the names of the regions that there are: a mask may bring new ones later."""
        self._lessons: list[tuple[Cue, Tensor]] = []
        """What that was learned from, in turn: a frame, and its painting (1, 3, H, W), or no rows of it where the frame
        is enough.
        """

    def set(self, cue: Cue) -> Scene | None:
        """The scene of the frame whose turn it is; None where the masks leave nothing of it to be painted."""
        settings, self._cue = self.settings_of(cue), replace(cue, motions={})
        try:
            if cue.begins or self.scene is None:
                self._begin(cue.frame, settings)
                return self.scene
            return self._next(cue.frame, settings)
        except NothingThereError:
            return None

    def _begin(self, frame: Frame, settings: StylizeSettings) -> None:
        """Sets the scene of a shot's first frame."""
        self.scene, self._colors, self._lessons = None, {}, []
        self.scene = self._set_first(frame, settings)

    def protected(self, scene: Scene) -> Mask | None:
        """Where the frame of a scene is kept."""
        try:
            return protected_part(scene.settings, scene.photo)
        except NothingThereError:
            return None

    def colored(self, painted: Tensor, scene: Scene) -> Tensor:
        """The painting (1, 3, H, W) of a frame with the colors that the settings promise: one change for a shot."""
        names = tuple(region.name for region in scene.regions)
        if names not in self._colors:
            self._learn(painted, scene)
        return self._colors[names](painted, unpacked(scene.photo.pixels), _parts(scene))

    def _learn(self, painted: Tensor, scene: Scene) -> None:
        """What to do to colors, from the painting of the frame whose turn it is."""
        assert self._cue
        mode, names = scene.settings.color, tuple(region.name for region in scene.regions)
        self._colors[names] = recolor.learned(mode, painted, unpacked(scene.photo.pixels), _parts(scene))
        self._lessons.append((self._cue, painted if recolor.is_learned(mode) else painted[:, :, :0]))

    def _next(self, frame: Frame, settings: StylizeSettings) -> Scene:
        assert self.scene is not None
        shot = self.scene
        photo = Picture(torch.from_numpy(frame.copy()).permute(2, 0, 1)[None].float().div_(255))
        canvas, _ = recolor.before(settings.color, photo.pixels, [])
        waiting = Picture(packed(photo.pixels))
        aim = waiting.pixels if canvas is photo.pixels else packed(canvas)
        shares = self._shares(settings)
        regions = whole(shares) if not settings.mask else self._regions(settings, shares, waiting)
        return replace(shot, photo=waiting, content=aim, shares=shares, regions=regions, settings=settings)

    def _regions(self, settings: StylizeSettings, shares: Sequence[float], photo: Picture) -> list[Region]:
        assert self.scene is not None
        models = {number: Picture(style) for number, style in self.scene.styles.items()}
        found = regions_to_paint(settings, shares, photo, models, self._network, self._device)
        # The same parts of the styles as before: what was learned of them is known by their masks.
        known = {region.name: region.there for region in self.scene.regions}
        return [replace(region, there=known.get(region.name, region.there)) for region in found]

    def settings_of(self, cue: Cue) -> StylizeSettings:
        """The settings of a frame, as if it were a picture."""
        weights = ",".join(map(repr, self._timeline.shares(cue.time)))
        masks = {"mask": _of_frame(self._masks, cue.number), "protect": _of_frame(self._protect, cue.number)}
        return self._settings.model_copy(update={"style_weights": weights, "size": max(cue.frame.shape[:2]), **masks})

    def _shares(self, settings: StylizeSettings) -> list[float]:
        return [float(share) for share in settings.style_weights.split(",")]

    def state(self) -> Mapping[str, Tensor]:
        """What a shot has in common, in numbers."""
        held: dict[str, Tensor] = {}
        for number, (cue, painted) in enumerate(self._lessons):
            held[f"turn {number}"] = turns(cue, cue)
            held[f"frame {number}"] = torch.from_numpy(cue.frame.copy())
            held[f"painted {number}"] = painted.contiguous()
        return held

    def take(self, state: Mapping[str, Tensor]) -> None:
        """Goes on in a shot that gave this state."""
        for number in range(len(named(state, "turn"))):
            first, later = cues_of(state[f"turn {number}"], state[f"frame {number}"].numpy())
            if scene := self.set(later if number else first):
                self._learn(state[f"painted {number}"], scene)


def frames_of(name: str, path: str) -> list[str]:
    """The masks in a folder, in the natural order of their names; of a file itself, of no path none.

    Raises `SettingsError` for a folder without a file.
    """
    if not path or not Path(path).is_dir():
        return [path] if path else []
    files = [each for each in Path(path).iterdir() if each.is_file() and not each.name.startswith(".")]
    if not files:
        raise SettingsError(f"{name}: there is no file in the folder {path!r}. Put a mask for each frame there.")
    return [str(each) for each in sorted(files, key=lambda each: _natural(each.name))]


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts frame-9 before frame-10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _of_frame(masks: Sequence[str], number: int) -> str:
    """The mask of a frame; where there are fewer, the last one holds on."""
    return masks[min(number, len(masks) - 1)] if masks else ""


def _parts(scene: Scene) -> list[recolor.Part]:
    masks = [region.here.at(scene.size) if region.here else None for region in scene.regions]
    return list(zip(masks, masks, strict=True))
