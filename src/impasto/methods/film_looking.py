"""Find out what is in the frames of a film, what of it is new, and what it is to look like: before it is painted.

Of two frames one is not painted where its neighbors show nearly all of it: their paintings are moved there, as
O. Jamriška et al. 2019, "Stylizing Video by Example", carry an artist's key frames through a film. Departures: every
second frame at least is painted; and what lies between is taken from the painting before wherever that shows it, not
from a blend of both, which would be softer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, log

import numpy as np
import torch
from torch import Tensor

from impasto import networks
from impasto.engine.drifting import Drift
from impasto.engine.looks import Look, look_of
from impasto.engine.objective import Mask
from impasto.engine.remembering import Memory
from impasto.engine.steadying import holding, likeness
from impasto.images import PictureLike
from impasto.methods.feedforward import StyleLooks, aims, areas, check_size, moved
from impasto.methods.film import Cue, Motion, cues_of, named, pixels_of, tensor_of, turns
from impasto.methods.scene import Scene
from impasto.methods.seen import Seen
from impasto.methods.stage import Stage
from impasto.methods.style import apart
from impasto.methods.timeline import Timeline
from impasto.networks import FeatureNetwork
from impasto.networks.feedforward import FeedForward
from impasto.settings import FilmSettings, StylizeSettings

CHANGING = 0.5
"""The most that is carried on while styles change: a film should have reached a style when it is due."""
_FADED = 512
"""Of a style that is left there is no more than one part in so many when a still picture is held again."""
_NEW = 0.04
"""Share of a frame that neither neighbor shows, from which it is painted."""


@dataclass(frozen=True)
class Between:
    """A frame that is made from the paintings of its neighbors."""

    cue: Cue
    """Its motion leads to the painting before."""
    onward: Motion
    """From it to the next frame."""
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
    between: Between | None = None
    """The frame before it, where that is not painted."""
    frames: int = 1
    """How many frames it comes after the last one that is painted."""
    changing: bool = False
    """Whether styles change."""
    seen: Seen | None = None
    aims: Sequence[tuple[Mask | None, Look]] = ()
    names: Sequence[str] = ()
    """Of the parts that have aims, by which they are known again in the next frame."""
    drift: Tensor | None = None
    state: Mapping[str, Tensor] = field(default_factory=dict)
    """What looking goes on from behind this frame."""


class Looking:
    """Looks at frames, one after the other."""

    def __init__(
        self, styles: Sequence[PictureLike], settings: FilmSettings, painter: FeedForward, device: torch.device
    ) -> None:
        """Raises `ImpastoError` for styles and settings that cannot be had."""
        self._painter, self._settings, self._device = painter, settings, device
        timeline = Timeline(settings, len(styles))
        self._saved, pictures = apart(painter, [*styles, *timeline.styles])

        def network() -> FeatureNetwork:
            return networks.load("student").to(device)

        def check(size: tuple[int, int]) -> None:
            check_size(size, device)

        self.stage = Stage(pictures, timeline, settings, network, device, check, check)
        self._forget()

    def _forget(self) -> None:
        """Begins a shot."""
        self._looks = StyleLooks(self._painter, self._saved, self._device)
        self._own = Memory(self._settings.steadiness)
        self._began: Cue | None = None
        self._last: Cue | None = None
        self._asked: StylizeSettings | None = None
        self._changing = 0
        self._drift = Drift()

    def __call__(self, cues: Iterator[Cue]) -> Iterator[Looked]:
        """Each frame that is to be painted, with those between."""
        waiting: Cue | None = None
        for cue in cues:
            between = self._between(waiting, cue) if waiting else None
            if waiting and not between:
                yield self._look(waiting)
            waiting = cue if not between and self._may_wait(cue) else None
            if not waiting:
                yield self._look(cue, between)
        if waiting:
            yield self._look(waiting)

    def _may_wait(self, cue: Cue) -> bool:
        """Whether a frame may be one between two that are painted."""
        settings, last = self._settings, self._last
        if settings.paint_every == 1 or settings.mask or settings.protect or cue.begins or not last:
            return False
        asked = self._asked == self.stage.settings_of(cue) and not self._changing
        return asked and 1 in cue.motions and not np.array_equal(cue.frame, last.frame)

    @torch.inference_mode()
    def _between(self, cue: Cue, after: Cue) -> Between | None:
        """What a frame is made from, where the last one and that after it show enough of it."""
        asked = self._asked == self.stage.settings_of(after)
        if after.begins or not asked or not self._last or np.array_equal(cue.frame, after.frame):
            return None
        back, onward = cue.motions[1], after.motions[1].reversed()
        here, before, then = (pixels_of(each.frame) for each in (cue, self._last, after))
        size, alike = (here.shape[2], here.shape[3]), likeness(here, before, back.flow)
        sure, likely = holding(alike, size, back.visible), holding(alike, size)
        later = (1 - sure) * holding(likeness(here, then, onward.flow), size)
        earlier = sure + (1 - sure - later) * likely
        return Between(cue, onward, earlier, later) if float((1 - earlier - later).mean()) < _NEW else None

    @torch.inference_mode()
    def _look(self, cue: Cue, between: Between | None = None) -> Looked:
        if begins := cue.begins or not self._began:
            self._forget()
        cue = replace(cue, begins=begins)
        if between:
            cue = replace(cue, motions={1: cue.motions[1].then(between.cue.motions[1])})
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
        parts = areas(scene, self.stage.protected(scene))
        names = [
            f"{scene.regions[part.region].name if part.region is not None else None} {part.strength}" for part in parts
        ]
        wheres = [moved(part.where, self._device) for part in parts]
        seen = Seen(self._painter, scene.content, self._device)
        frames = 2 if between else 1
        own = [self._own_look(name, tables, frames) for name, tables in zip(names, seen.tables(wheres), strict=True)]
        aimed = aims(parts, wheres, own, self._looks.of(scene))
        return Looked(cue, scene, False, between, frames, self._changing > 0, seen, aimed, names, drift, self._state())

    def _own_look(self, name: str, tables: Sequence[Tensor], frames: int) -> Look:
        """What a part of the film is like, level by level: a mean over its frames, of which so many went by."""
        known = [self._own.mixed(f"{level} {name}", table, frames) for level, table in enumerate(tables)]
        return look_of(self._painter, known)

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
