"""Optimize the pixels of each frame, starting from the painting before.

Ruder, Dosovitskiy, Brox: Artistic Style Transfer for Videos, 2016. A frame's search begins with the last painting,
moved as the film has moved (section 4.2). It is pulled towards it where the same is seen (equation 7), and towards
earlier ones where those show what was hidden in the last (equations 8 and 9, the nearest first).

Departures: flow by OpenCV's DIS; the first frame of a shot is searched for as a picture is, in a pyramid of sizes, the
others at full size alone, by the network that stands in for VGG-19 where there is one; losses are relative to their
targets; where the film stands still, so does the painting.
"""

from collections import deque
from collections.abc import Generator, Hashable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from impasto import devices
from impasto.engine.mask import Mask
from impasto.engine.memory import Tiling
from impasto.engine.objective import Objective
from impasto.engine.optimize import Optimization
from impasto.engine.progress import silent
from impasto.engine.pyramid import Level, pyramid
from impasto.engine.regions import untouched_outside
from impasto.engine.roles import load_roles
from impasto.engine.steadying import undisturbed, without_specks
from impasto.engine.targets import Earlier, StyleTerms
from impasto.images import PictureLike
from impasto.images.packing import packed, unpacked
from impasto.images.picture import quantize
from impasto.images.resize import resize
from impasto.methods.coloring import Coloring
from impasto.methods.film import Cue, Finished, cues_of, named, tensor_of, turns
from impasto.methods.film_masks import Masks, frame_masks, painted_alike
from impasto.methods.iterative import REMEDY, Lookers, enlarging, smallest_scale_of, start_of, targets_of, workshop_of
from impasto.methods.notes import notes_on
from impasto.methods.scene import Scene
from impasto.methods.stage import Stage
from impasto.methods.timeline import Timeline
from impasto.motion import Frame, Stillness, warped_sharply
from impasto.settings import FilmSettings
from impasto.settings.film import parse_steps_back
from impasto.styles import check_pictures

_TEMPORAL = 10.0
"""Weight of the earlier paintings at steadiness 0.5, against 1 for content and style."""
_ALIKE = 0.5
"""By how much masks agree at least where an earlier painting counts."""
_LAST_WORD = 8
"""Steps of the stand-in for each of the network that has the last word, in frames after the first."""


class IterativeFilm:
    """A `FilmPainter`."""

    def __init__(self, styles: Sequence[PictureLike], settings: FilmSettings) -> None:
        """Raises `ImpastoError` for styles, networks, devices and settings that cannot be had."""
        timeline = Timeline(settings, len(styles))
        styles = [*styles, *timeline.styles]
        check_pictures(styles, "a search", REMEDY)
        compute = devices.choose(settings)
        roles = load_roles(settings, compute)
        self._settings, self._device, self._roles = settings, compute.device, roles
        self._lookers = Lookers(settings, roles, compute)
        self._free = devices.free_memory(compute.device)
        """Of it tiles depend, and of them how sums are rounded: a film that goes on keeps what it had."""
        self._stage = Stage(styles, timeline, settings, workshop_of(settings, roles, compute))
        self.steps_back: Sequence[int] = parse_steps_back(settings.steps_back) if settings.steadiness else ()
        self.notes = [*notes_on(settings)]
        self._forget()

    def _forget(self) -> None:
        """Begins a shot."""
        self._began: Cue | None = None
        self._now: Cue | None = None
        self._known: dict[Hashable, StyleTerms] = {}
        self._paintings: deque[Tensor] = deque(maxlen=max(self.steps_back, default=1))
        """(1, 3, H, W), packed, the last one at the end: as the search left them, whatever colors and masks do then."""
        self._masks: deque[Masks] = deque(maxlen=self._paintings.maxlen)
        """By which they were painted."""
        self._painting: Frame | None = None
        self._stillness, self._coloring = Stillness(), Coloring()

    def paint(self, cues: Iterator[Cue]) -> Generator[Finished]:
        for cue in cues:
            painting = self._paint(cue)
            yield Finished(painting, self._state())

    def _paint(self, cue: Cue) -> Frame:
        if cue.begins or not self._began:
            self._forget()
        scene = self._stage.set(cue if self._began else replace(cue, begins=True))
        if scene is None:
            self._forget()
            return cue.frame
        before, self._now = self._now, replace(cue, motions={})
        self._began = self._began or self._now
        rests = undisturbed(self._stillness(cue.frame)).bool()
        alike = before is not None and self._stage.settings_of(before) == scene.settings
        if alike and self._painting is not None and before is not None and np.array_equal(before.frame, cue.frame):
            self._paintings.append(self._paintings[-1])
            self._masks.append(self._masks[-1])
            return self._painting
        protected = self._stage.protected(scene)
        masks = frame_masks(scene, protected)
        carried = self._carried(cue, masks) if self._settings.steadiness else []
        painted = self._searched(scene, protected, carried)
        if carried and alike:
            painted = torch.where(rests, unpacked(self._paintings[-1]), painted)
        self._paintings.append(packed(painted))
        self._masks.append(masks)
        colored = self._coloring(unpacked(self._paintings[-1]), scene, self._now)
        finished = untouched_outside(scene.regions, colored, unpacked(scene.photo.pixels))
        self._painting = quantize(finished, 8)
        return self._painting

    def _carried(self, cue: Cue, masks: Masks) -> list[tuple[Tensor, Tensor]]:
        """Earlier paintings (1, 3, H, W) as the film has moved them, and where each counts (1, 1, H, W), nearest first.

        Each counts where none that is nearer does, and where `masks` have the frame painted as it was.
        """
        found, covered = [], torch.zeros(1, 1, *cue.frame.shape[:2])
        for back, motion in sorted(cue.motions.items()):
            if back <= len(self._paintings):
                moved = warped_sharply(unpacked(self._paintings[-back]), motion.flow).clamp_(0, 1)
                alike = (painted_alike(masks, self._masks[-back], motion.flow) > _ALIKE).to(covered)
                where = (motion.visible * alike - covered).clamp_min(0)
                covered = covered + where
                found.append((moved, where))
        return found

    def _searched(self, scene: Scene, protected: Mask | None, carried: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """The painting (1, 3, H, W) in [0, 1], on the CPU."""
        start = start_of(scene, self._device)
        enlarge = enlarging(scene.settings, start)
        targets = targets_of(scene, protected, self._device)
        if carried:
            start = unpacked(start)
            for moved, where in carried:
                start = torch.lerp(start, moved.to(start), without_specks(where).to(start))
            levels, enlarge = self._levels(scene), resize
            targets = replace(targets, earlier=self._earlier(carried), known=self._known)
        else:
            smallest = smallest_scale_of(scene, self._roles)
            levels = pyramid(scene.size, smallest, self._settings, self._lookers.sketch is not None)

        def objective_at(level: Level, careful: bool) -> Objective:
            looking = self._lookers.at(level, careful)
            return targets.objective_at(level, looking, Tiling(looking, self._settings, self._free))

        search = Optimization(start, levels, objective_at, self._settings, silent, enlarge)
        search.run()
        if search.stopped == "interrupted":
            raise KeyboardInterrupt
        self.notes += [note for note in search.notes if note not in self.notes]
        return search.image.cpu()

    def _levels(self, scene: Scene) -> list[Level]:
        """Those of a frame that begins with the painting before."""
        steps, sketched = self._settings.next_iterations, self._lookers.sketch is not None
        last = steps // (_LAST_WORD + 1) if sketched else steps
        each = [Level(scene.size, 1.0, steps - last, True), Level(scene.size, 1.0, last)]
        return [level for level in each if level.steps]

    def _earlier(self, carried: Sequence[tuple[Tensor, Tensor]]) -> list[Earlier]:
        keep = self._settings.steadiness
        weight = _TEMPORAL * keep / (1 - keep)
        return [
            Earlier(moved.to(self._device), Mask(where.to(self._device)), weight)
            for moved, where in carried
            if where.any()
        ]

    def _state(self) -> bytes:
        if not self._began or not self._now or self._painting is None:
            return b""
        assert self._stillness.reference is not None
        pictures = {"frame": self._now.frame, "looked at": self._stillness.reference, "painting": self._painting}
        return safetensors.torch.save(
            {
                **{f"shot {name}": tensor for name, tensor in self._coloring.state().items()},
                **{f"painted {number}": painted.clone() for number, painted in enumerate(self._paintings)},
                **{
                    f"masks {number} {name}": mask.clone()
                    for number, masks in enumerate(self._masks)
                    for name, mask in masks.items()
                },
                **{name: tensor_of(picture).clone() for name, picture in pictures.items()},
                "turns": turns(self._began, self._now),
                "free": torch.tensor(self._free),
            }
        )

    def take(self, state: bytes) -> None:
        self._forget()
        if not state:
            return
        held = safetensors.torch.load(state)
        frame, looked_at, self._painting = (held[name].numpy() for name in ("frame", "looked at", "painting"))
        self._began, self._now = cues_of(held["turns"], frame)
        self._free = int(held["free"])
        self._coloring.take(named(held, "shot"), self._stage.set)
        painted = named(held, "painted")
        self._paintings.extend(painted[str(number)] for number in range(len(painted)))
        self._masks.extend(named(held, f"masks {number}") for number in range(len(painted)))
        self._stillness = Stillness(looked_at)
