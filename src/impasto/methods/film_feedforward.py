"""Paint films in one pass of a network for each frame, and keep them steady.

What flickers in a film whose frames are painted each by itself, and what is done about it:

- The statistics of a frame jump when something enters or leaves it. Those that count change slowly
  (`engine.remembering`).
- Noise that is fixed to the screen stays behind where things move. It is carried along (`engine.drifting`).
- The network itself is not sure. Each painting is blended with the last one, moved as the film moves, where the same is
  still seen (D. Chen et al. 2017, "Coherent Online Video Style Transfer", section 3.1, without a network of its own).
  Blending and resampling soften, so detail is brought back to the contrast that it has in the fresh painting
  (`engine.steadying`): nothing smears, however long the shot.
- Noise of the camera: where the film stands still, so does the painting, to the bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, log

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from impasto import devices, networks
from impasto.engine.drifting import Drift
from impasto.engine.looks import look_of
from impasto.engine.regions import untouched_outside
from impasto.engine.remembering import Memory, Remembering
from impasto.engine.steadying import trust, undisturbed, with_detail_of
from impasto.images import PictureLike
from impasto.images.packing import packed, unpacked
from impasto.images.picture import quantize
from impasto.methods.feedforward import StyleLooks, aims, areas, check_size, moved
from impasto.methods.film import Cue, Frame, Motion, cues_of, named, turns
from impasto.methods.scene import Scene
from impasto.methods.seen import Seen
from impasto.methods.stage import Stage
from impasto.methods.style import apart
from impasto.methods.timeline import Timeline
from impasto.motion import Stillness, warped_sharply
from impasto.networks import FeatureNetwork
from impasto.networks.feedforward import load_feedforward
from impasto.settings import FilmSettings, StylizeSettings

_CHANGING = 0.5
"""The most that is carried on while styles change: a film should have reached a style when it is due."""
_FADED = 512
"""Of a style that is left there is no more than one part in so many when a still picture is held again."""


@dataclass(frozen=True)
class _Last:
    """What is left of a frame for the next one."""

    frame: Frame
    painted: Tensor
    """The painting (1, 3, H, W), packed, everywhere, whatever masks there are."""
    painting: Frame
    """What was given out."""


class FeedForwardFilm:
    """A `FilmPainter`."""

    def __init__(self, styles: Sequence[PictureLike], settings: FilmSettings) -> None:
        """Raises `ImpastoError` for styles, networks, devices and settings that cannot be had."""
        self._device = devices.choose(settings).device
        self._settings = settings
        self.steps_back: Sequence[int] = (1,) if settings.steadiness else ()
        self._painter = load_feedforward(settings.painter).to(self._device)
        timeline = Timeline(settings, len(styles))
        self._saved, pictures = apart(self._painter, [*styles, *timeline.styles])

        def network() -> FeatureNetwork:
            return networks.load("student").to(self._device)

        def check(size: tuple[int, int]) -> None:
            check_size(size, self._device)

        self._stage = Stage(pictures, timeline, settings, network, self._device, check, check)
        self.notes: list[str] = []
        self._forget()

    def _forget(self) -> None:
        """Begins a shot."""
        keep = self._settings.steadiness
        self._looks = StyleLooks(self._painter, self._saved, self._device)
        self._own, self._features = Memory(keep), Memory(keep)
        self._began: Cue | None = None
        self._now: Cue | None = None
        self._asked: StylizeSettings | None = None
        self._changing = 0
        self._drift = Drift()
        self._stillness = Stillness()
        self._last: _Last | None = None

    @torch.inference_mode()
    def paint(self, cue: Cue) -> Frame:
        if cue.begins or not self._began:
            self._forget()
        scene = self._stage.set(cue if self._began else replace(cue, begins=True))
        if scene is None:
            self._forget()  # nothing is painted, so there is nothing to go on from
            return cue.frame
        self._now = replace(cue, motions={})
        self._began = self._began or self._now
        same = self._same(scene.settings)
        if self._last and same and np.array_equal(cue.frame, self._last.frame):
            return self._last.painting
        motion = cue.motions.get(1) if self._last else None
        # The first frame of a shot is painted just as a picture is.
        drift = self._drift(motion.flow) if motion and self._settings.steadiness else None
        fresh = self._stage.colored(self._fresh(scene, drift), scene)
        painted = self._steadied(fresh, cue.frame, motion)
        finished = untouched_outside(scene.regions, unpacked(painted), unpacked(scene.photo.pixels))
        self._last = _Last(cue.frame, painted, quantize(finished, 8))
        return self._last.painting

    def _same(self, settings: StylizeSettings) -> bool:
        """Whether the frame is to be painted just as the last one was."""
        asked, self._asked = self._asked, settings
        if asked and asked.style_weights != settings.style_weights:
            # Until nothing is left of what was there before, even what stands still is painted on.
            keep = min(self._settings.steadiness, _CHANGING)
            self._changing = ceil(log(_FADED) / -log(keep)) if keep else 0
        else:
            self._changing = max(0, self._changing - 1)
        return asked == settings and not self._changing

    def _fresh(self, scene: Scene, drift: Tensor | None) -> Tensor:
        """The painting (1, 3, H, W) of the frame by itself."""
        parts = areas(scene, self._stage.protected(scene))
        names = [
            f"{scene.regions[part.region].name if part.region is not None else None} {part.strength}" for part in parts
        ]
        wheres = [moved(part.where, self._device) for part in parts]
        seen, looks = Seen(self._painter, scene.content, self._device), self._looks.of(scene)
        own = []
        for name, tables in zip(names, seen.tables(wheres), strict=True):
            known = [self._own.mixed(f"{level} {name}", table) for level, table in enumerate(tables)]
            own.append(look_of(self._painter, known))
        return seen.painted(Remembering(aims(parts, wheres, own, looks), names, self._features, drift))

    def _steadied(self, fresh: Tensor, frame: Frame, motion: Motion | None) -> Tensor:
        """The painting (1, 3, H, W), packed, blended with the last one."""
        keep = min(self._settings.steadiness, _CHANGING if self._changing else 1.0)
        rests = undisturbed(self._stillness(frame)).bool()
        if not self._last or not motion or not keep:
            return packed(fresh)
        last = unpacked(self._last.painted)
        hold = keep * trust(_pixels(frame), _pixels(self._last.frame), motion.flow, motion.visible)
        painted = with_detail_of(fresh, torch.lerp(fresh, warped_sharply(last, motion.flow), hold))
        return packed(painted if self._changing else torch.where(rests, last, painted))

    def state(self) -> bytes:
        if not self._last or not self._began or not self._now:
            return b""
        assert self._stillness.reference is not None
        pictures = {"frame": self._last.frame, "looked at": self._stillness.reference, "painting": self._last.painting}
        known = {"own": self._own.known, "features": self._features.known}
        tables = {f"{kind} {name}": table for kind, tables in known.items() for name, table in tables.items()}
        return safetensors.torch.save(
            {
                **{f"shot {name}": tensor for name, tensor in self._stage.state().items()},
                **{name: table.contiguous().clone() for name, table in tables.items()},
                **{name: torch.from_numpy(picture.copy()) for name, picture in pictures.items()},
                **({} if self._drift.state is None else {"drift": self._drift.state.contiguous()}),
                "painted": self._last.painted,
                "turns": turns(self._began, self._now),
                "changing": torch.tensor(self._changing),
            }
        )

    def take(self, state: bytes) -> None:
        self._forget()
        if not state:
            return
        held = safetensors.torch.load(state)
        frame, looked_at, painting = (held[name].numpy() for name in ("frame", "looked at", "painting"))
        self._began, self._now = cues_of(held["turns"], frame)
        with torch.inference_mode():
            self._stage.take(named(held, "shot"))
        self._asked = self._stage.settings_of(self._now)
        self._own.take(named(held, "own"))
        self._features.take(named(held, "features"))
        self._drift, self._stillness = Drift(held.get("drift")), Stillness(looked_at)
        self._last, self._changing = _Last(frame, held["painted"], painting), int(held["changing"])


def _pixels(frame: Frame) -> Tensor:
    """(1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(np.require(frame, requirements="W")).permute(2, 0, 1)[None].float().div_(255)
