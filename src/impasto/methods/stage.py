"""What each frame of a film is painted from: a scene, as if it were a picture, with what a shot has in common."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from impasto.engine.mask import Mask
from impasto.engine.regions import Region, whole
from impasto.errors import SettingsError
from impasto.images import Picture, PictureLike, recolor
from impasto.images.formats import SUFFIXES
from impasto.images.names import natural
from impasto.methods.film import Cue, pixels_of
from impasto.methods.masks import NothingThereError, protected_part, regions_to_paint
from impasto.methods.scene import Scene, Workshop, both_packed, set_scene
from impasto.methods.timeline import Timeline
from impasto.motion import Frame
from impasto.settings import FilmSettings, StylizeSettings
from impasto.settings.look import parse_weights


class Stage:
    """Scenes of a film's frames.

    What is read for the first frame of a shot holds for all of it: the styles, in the shot's colors where they take
    them.
    """

    def __init__(
        self,
        styles: Sequence[PictureLike | None],
        timeline: Timeline,
        settings: FilmSettings,
        workshop: Workshop,
    ) -> None:
        """`styles`, those that come later too, are as `set_scene` takes them.

        Raises `SettingsError` for folders of masks without a picture.
        """
        self._styles, self._timeline, self._settings, self._workshop = styles, timeline, settings, workshop
        self._masks, self._protect = masks_of("mask", settings.mask), masks_of("protect", settings.protect)
        self.scene: Scene | None = None
        """Of the shot's first frame, for what does not change."""

    def set(self, cue: Cue) -> Scene | None:
        """The scene of the frame whose turn it is; None where the masks leave nothing of it to be painted."""
        settings = self.settings_of(cue)
        try:
            if cue.begins or self.scene is None:
                self.scene = None
                self.scene = self._workshop.light(set_scene(cue.frame, self._styles, settings, self._workshop))
                return self.scene
            return self._next(cue.frame, settings)
        except NothingThereError:
            return None

    def protected(self, scene: Scene) -> Mask | None:
        """Where the frame of a scene is kept."""
        try:
            return protected_part(scene.settings, scene.photo)
        except NothingThereError:
            return None

    def _next(self, frame: Frame, settings: StylizeSettings) -> Scene:
        assert self.scene is not None
        shot = self.scene
        photo = Picture(pixels_of(frame))
        canvas, _ = recolor.before(settings.color, photo.pixels, [])
        waiting, seen = both_packed(photo, canvas)
        shares = [*parse_weights(settings.style_weights)]
        if not settings.mask:
            regions: Sequence[Region] = whole(shares)
        elif settings.mask != "auto" and (settings.mask, shares) == (shot.settings.mask, [*shot.shares]):
            regions = shot.regions  # of the same file: what is known of the styles is known by these masks
        else:
            regions = self._regions(settings, shares, waiting)
        return replace(shot, photo=waiting, content=seen, shares=shares, regions=regions, settings=settings)

    def _regions(self, settings: StylizeSettings, shares: Sequence[float], photo: Picture) -> list[Region]:
        assert self.scene is not None
        models = {number: Picture(style) for number, style in self.scene.styles.items()}
        found = regions_to_paint(settings, shares, photo, models, self._workshop.network, self._workshop.device)
        # The same parts of the styles as before: what was learned of them is known by their masks.
        known = {region.name: region.there for region in self.scene.regions}
        return [replace(region, there=known.get(region.name, region.there)) for region in found]

    def settings_of(self, cue: Cue) -> StylizeSettings:
        """The settings of a frame, as if it were a picture."""
        weights = ",".join(map(repr, self._timeline.shares(cue.time)))
        masks = {"mask": _of_frame(self._masks, cue.number), "protect": _of_frame(self._protect, cue.number)}
        return self._settings.model_copy(update={"style_weights": weights, "size": max(cue.frame.shape[:2]), **masks})


def masks_of(name: str, path: str) -> list[str]:
    """The masks in a folder, in the natural order of their names; of a file itself, of no path none.

    Raises `SettingsError` for a folder without a picture.
    """
    if not path or not Path(path).is_dir():
        return [path] if path else []
    files = [each for each in Path(path).glob("[!.]*") if each.suffix.lower() in SUFFIXES and each.is_file()]
    if not files:
        raise SettingsError(f"{name}: there is no file in the folder {path!r}. Put a mask for each frame there.")
    return [str(each) for each in sorted(files, key=natural)]


def _of_frame(masks: Sequence[str], number: int) -> str:
    """The mask of a frame; where there are fewer, the last one holds on."""
    return masks[min(number, len(masks) - 1)] if masks else ""
