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
from impasto.methods.film import Cue, Frame
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
        self.first: Frame | None = None
        """Of the shot."""
        self.scene: Scene | None = None
        """Of the shot's first frame, for what does not change."""
        self.first_painted: Tensor | None = None
        """The shot's first painting, before its colors were changed: (1, 3, H, W), packed."""
        self._colors: dict[tuple[str, ...], After] = {}

    def set(self, cue: Cue) -> Scene | None:
        """The scene of the frame whose turn it is; None where the masks leave nothing of it to be painted."""
        settings = self.settings_of(cue)
        try:
            if cue.begins or self.scene is None:
                self.begin(cue.frame, settings)
                return self.scene
            return self._next(cue.frame, settings)
        except NothingThereError:
            return None

    def begin(self, frame: Frame, settings: StylizeSettings) -> None:
        """Sets the scene of a shot's first frame."""
        self.first, self.scene, self.first_painted, self._colors = frame, None, None, {}
        self.scene = self._set_first(frame, settings)

    def protected(self, scene: Scene) -> Mask | None:
        """Where the frame of a scene is kept."""
        try:
            return protected_part(scene.settings, scene.photo)
        except NothingThereError:
            return None

    def colored(self, painted: Tensor, scene: Scene) -> Tensor:
        """The painting (1, 3, H, W) of a frame with the colors that the settings promise: one change for a shot."""
        if self.first_painted is None:
            self.first_painted = packed(painted)
        return self._change(painted, scene)

    def _change(self, painted: Tensor, scene: Scene) -> Tensor:
        photo, parts = unpacked(scene.photo.pixels), _parts(scene)
        names = tuple(region.name for region in scene.regions)
        if names not in self._colors:
            self._colors[names] = recolor.learned(scene.settings.color, painted, photo, parts)
        return self._colors[names](painted, photo, parts)

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
        if self.first is None or self.first_painted is None:
            return {}
        return {"first": torch.from_numpy(self.first.copy()), "painted": self.first_painted}

    def take(self, state: Mapping[str, Tensor], cue: Cue) -> None:
        """Goes on in a shot that gave this state; the cue is that of its first frame, but for the frame."""
        if state:
            first = replace(cue, frame=state["first"].numpy(), begins=True)
            scene = self.set(first)
            self.first_painted = state["painted"]
            if scene:
                self._change(unpacked(self.first_painted), scene)


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
