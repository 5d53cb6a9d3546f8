"""Find out what is in the frames of a film, what of it is new, and what it is to look like: before it is painted.

Of three frames two are not painted where the painted frames around them show nearly all of them: those paintings are
moved there, as O. Jamriška et al. 2019, "Stylizing Video by Example", carry an artist's key frames through a film.
Departures: every third frame at least is painted; and what lies between is taken from the painting before wherever that
shows it, not from a blend of both, which would be softer and less steady: no two flows agree to the pixel.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import accumulate
from math import ceil, log

import numpy as np
import torch
from torch import Tensor

from impasto.engine.drifting import Drift
from impasto.engine.looks import Look, own_look_of, spreads_of
from impasto.engine.mask import moved
from impasto.engine.remembering import Memory
from impasto.engine.restyling import Aims
from impasto.engine.steadying import enlarged, holding, likeness
from impasto.images import PictureLike
from impasto.methods.areas import Area, aims, areas
from impasto.methods.crew import Member, crew_of
from impasto.methods.feedforward import workshop_of
from impasto.methods.film import Cue, Motion, cues_of, named, tensor_of, turns
from impasto.methods.film_masks import Masks, frame_masks
from impasto.methods.painters import Painters
from impasto.methods.scene import Scene
from impasto.methods.seen import Seen
from impasto.methods.stage import Stage
from impasto.methods.style import apart
from impasto.methods.style_looks import StyleLooks
from impasto.methods.timeline import Timeline
from impasto.networks.feedforward import FeedForward
from impasto.settings import FilmSettings, StylizeSettings

CHANGING = 0.5
"""The most that is carried on while styles change: a film should have reached a style when it is due."""
_FADED = 512
"""Of a style that is left there is no more than one part in so many when a still picture is held again."""
_NEW = 0.04
"""Share of a frame that no painting beside it shows, from which it is painted itself."""


@dataclass(frozen=True)
class Between:
    """A frame that is made from the last painting before it, and the first one after it."""

    cue: Cue
    back: Motion
    """From it to the painting before..."""
    onward: Motion
    """...and to the one after it."""
    earlier: Tensor
    """(1, 1, H, W): the share of the painting before, in each place..."""
    later: Tensor
    """...and of the one after it. The rest is shown by neither."""


@dataclass(frozen=True)
class Looked:
    """A frame, and what is known before it is painted."""

    cue: Cue
    """It begins where there is nothing to go on from, too. Its motion leads to the last frame that is painted."""
    scene: Scene | None
    """None where the masks leave nothing to be painted: all of what follows is empty then."""
    repeats: bool = False
    """Whether nothing at all has changed since the last frame: what follows, but for the state, is empty then."""
    between: Sequence[Between] = ()
    """The frames before it that are not painted."""
    changing: bool = False
    """Whether styles change."""
    seen: Seen | None = None
    crew: Sequence[Member] = ()
    """The networks that paint it."""
    areas: Sequence[Area] = ()
    aims: Aims = ()
    names: Sequence[str] = ()
    """Of the areas, each of which has an aim, by which they are known again in the next frame."""
    drift: Tensor | None = None
    masks: Masks = field(default_factory=dict)
    """By which it is painted."""
    state: Mapping[str, Tensor] = field(default_factory=dict)
    """What looking goes on from behind this frame."""

    @property
    def frames(self) -> int:
        """How many frames it comes after the last one that is painted."""
        return len(self.between) + 1


class Looking:
    """Looks at frames, one after the other."""

    def __init__(
        self, styles: Sequence[PictureLike], settings: FilmSettings, painter: FeedForward, device: torch.device
    ) -> None:
        """Raises `ImpastoError` for styles and settings that cannot be had."""
        self._painter, self._settings, self._device = painter, settings, device
        timeline = Timeline(settings, len(styles))
        self._saved, pictures = apart(painter, [*styles, *timeline.styles])
        self._painters = Painters(painter, self._saved)
        self.stage = Stage(pictures, timeline, settings, workshop_of(settings, device, self._saved))
        self._forget()

    def _forget(self) -> None:
        """Begins a shot."""
        self._looks = StyleLooks(self._painter, self._saved, self._device)
        self._own = Memory()
        self._began: Cue | None = None
        self._last: Cue | None = None
        self._asked: StylizeSettings | None = None
        self._changing = 0
        self._drift = Drift()

    def __call__(self, cues: Iterator[Cue]) -> Iterator[Looked]:
        """Each frame that is to be painted, with those between."""
        waiting: list[Cue] = []
        for cue in cues:
            waiting.append(cue)
            while waiting and (len(waiting) == self._settings.paint_every or not self._may_wait(waiting)):
                yield self._next(waiting)
        while waiting:
            yield self._next(waiting)

    def _next(self, waiting: list[Cue]) -> Looked:
        """Of frames that wait, as many as can be made from the last painting and one of themselves, and that one."""
        for last in reversed(range(len(waiting))):
            cue, between = waiting[last], self._between(waiting[:last], waiting[last])
            if between is not None:
                del waiting[: last + 1]
                return self._look(cue, between)
        raise ValueError("no frame waits")

    def _may_wait(self, waiting: Sequence[Cue]) -> bool:
        """Whether the last of the frames may be one between two that are painted."""
        settings, cue = self._settings, waiting[-1]
        before = waiting[-2] if len(waiting) > 1 else self._last
        if settings.mask or settings.protect or cue.begins or not before or not self._last:
            return False
        asked = self._asked == self.stage.settings_of(cue) and not self._changing
        return asked and 1 in cue.motions and not np.array_equal(cue.frame, before.frame)

    @torch.inference_mode()
    def _between(self, cues: Sequence[Cue], after: Cue) -> list[Between] | None:
        """What frames are made from; None where the last painted frame and that after them show too little of one."""
        if not cues:
            return []
        asked = self._asked == self.stage.settings_of(after)
        if after.begins or not asked or not self._last or np.array_equal(cues[-1].frame, after.frame):
            return None
        steps = [cue.motions[1] for cue in (*cues, after)]
        back = accumulate(steps[:-1], lambda before, step: step.then(before))
        turned = [step.reversed() for step in steps[1:]]
        onward = [reduce(Motion.then, turned[place:]) for place in range(len(turned))]
        found = []
        for cue, there, beyond in zip(cues, back, onward, strict=True):
            earlier, later = self._shares(cue, after, there, beyond)
            if float((1 - earlier - later).mean()) >= _NEW:
                return None
            found.append(Between(cue, there, beyond, earlier, later))
        return found

    def _shares(self, cue: Cue, after: Cue, back: Motion, onward: Motion) -> tuple[Tensor, Tensor]:
        """What a frame takes of the painting before it, which is all that this shows, and of that after it."""
        assert self._last
        height, width = cue.frame.shape[:2]
        alike = likeness(cue.frame, self._last.frame, back.flow)
        sure = holding(alike, back.visible)
        later = (1 - sure) * holding(likeness(cue.frame, after.frame, onward.flow))
        earlier = sure + (1 - sure - later) * holding(alike)
        return enlarged(earlier, (height, width)), enlarged(later, (height, width))

    @torch.inference_mode()
    def _look(self, cue: Cue, between: Sequence[Between]) -> Looked:
        if begins := cue.begins or not self._began:
            self._forget()
        cue = replace(cue, begins=begins)
        if between:
            cue = replace(cue, motions={1: cue.motions[1].then(between[-1].back)})
        scene = self.stage.set(cue)
        if scene is None:
            self._forget()  # nothing is painted, so there is nothing to go on from
            return Looked(cue, None)
        last, self._last = self._last, replace(cue, motions={})
        self._began = self._began or self._last
        same = self._same(scene.settings)
        if last and same and not between and np.array_equal(cue.frame, last.frame):
            return Looked(cue, scene, repeats=True, state=self._state())
        motion = cue.motions.get(1)
        # The first frame of a shot is painted just as a picture is.
        drift = self._drift(motion.flow) if motion and last and self._settings.steadiness else None
        protected = self.stage.protected(scene)
        found, masks = areas(scene, protected), frame_masks(scene, protected)
        names = [
            f"{scene.regions[each.region].name if each.region is not None else None} {each.strength}" for each in found
        ]
        wheres = [moved(each.where, self._device) for each in found]
        seen = Seen(self._painter, scene.content, self._device)
        frames = len(between) + 1
        own = [self._own_look(name, tables, frames) for name, tables in zip(names, seen.tables(wheres), strict=True)]
        aimed = aims(found, wheres, own, self._looks.of(scene))
        crew = crew_of(self._painters, found, scene.regions, aimed)
        changing, state = self._changing > 0, self._state()
        return Looked(cue, scene, False, between, changing, seen, crew, found, aimed, names, drift, masks, state)

    def _own_look(self, name: str, tables: Sequence[Tensor], frames: int) -> Look:
        """What a part of the film is like, level by level: a mean over its frames, of which so many went by."""
        keep = self._settings.steadiness**frames
        known = [self._own.mixed(f"{level} {name}", table, keep) for level, table in enumerate(tables)]
        return own_look_of(spreads_of(self._painter, known))

    def _same(self, settings: StylizeSettings) -> bool:
        """Whether the frame is to be painted just as the last one was."""
        asked, self._asked = self._asked, settings
        if asked and asked.style_weights != settings.style_weights:
            # Until nothing is left of what was there before, even what stands still is painted on.
            keep = min(self._settings.steadiness, CHANGING)
            self._changing = ceil(log(_FADED) / -log(keep)) if keep else 0
        else:
            self._changing = max(0, self._changing - 1)
        return asked == settings and not self._changing

    def _state(self) -> dict[str, Tensor]:
        assert self._began
        assert self._last
        return {
            **{f"own {name}": table for name, table in self._own.known.items()},
            **({} if self._drift.state is None else {"drift": self._drift.state}),
            "frame": tensor_of(self._last.frame),
            "turns": turns(self._began, self._last),
            "changing": torch.tensor(self._changing),
        }

    def take(self, held: Mapping[str, Tensor]) -> None:
        """Goes on from a state, whose scene is set already; from an empty one as at the beginning."""
        self._forget()
        if held:
            self._began, self._last = cues_of(held["turns"], held["frame"].numpy())
            self._asked = self.stage.settings_of(self._last)
            self._own.take(named(held, "own"))
            self._drift, self._changing = Drift(held.get("drift")), int(held["changing"])
