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

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain

import safetensors.torch
import torch
from torch import Tensor

from impasto import devices
from impasto.engine.ahead import ahead
from impasto.engine.remembering import Memory, Remembering
from impasto.images import PictureLike
from impasto.methods.areas import faded
from impasto.methods.coloring import Coloring
from impasto.methods.crew import painted_by
from impasto.methods.film import Cue, Finished, named
from impasto.methods.film_looking import CHANGING, Looked, Looking
from impasto.methods.film_steadying import Painted, Steadying
from impasto.methods.notes import notes_on
from impasto.methods.painters import painter_for
from impasto.methods.scene import Scene
from impasto.settings import FilmSettings

_AHEAD = 1
"""Frames that wait between two steps, with their features."""


class FeedForwardFilm:
    """A `FilmPainter`: looks at frames, paints each by itself, and steadies the paintings, in three threads."""

    def __init__(self, styles: Sequence[PictureLike], settings: FilmSettings) -> None:
        """Raises `ImpastoError` for styles, networks, devices and settings that cannot be had."""
        compute = devices.choose(settings)
        painter = painter_for(settings.painter, compute)
        self.steps_back: Sequence[int] = (1,) if settings.steadiness else ()
        self.notes = [*notes_on(settings)]
        self._looking = Looking(styles, settings, painter, compute.device)
        self._painting = _Painting(settings.steadiness)
        self._steadying = Steadying(settings.steadiness)

    def paint(self, cues: Iterator[Cue]) -> Generator[Finished]:
        with (
            devices.half_the_threads(),
            closing(ahead(self._looking(cues), _AHEAD)) as looked,
            closing(ahead(map(self._painting, looked), _AHEAD)) as painted,
        ):
            yield from chain.from_iterable(map(self._steadying, painted))

    @torch.inference_mode()
    def take(self, state: bytes) -> None:
        held = safetensors.torch.load(state) if state else {}
        self._painting.take(held, self._looking.stage.set)
        self._looking.take(held)
        self._steadying.take(held)


class _Painting:
    """Paints each frame by itself, with statistics that change slowly."""

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._forget()

    def _forget(self) -> None:
        """Begins a shot."""
        self._features, self._coloring = Memory(), Coloring()

    @torch.inference_mode()
    def __call__(self, looked: Looked) -> Painted:
        if looked.cue.begins:
            self._forget()
        fresh = None
        if looked.scene and looked.seen:
            painting = painted_by(looked.seen, looked.crew, self._restylings(looked))
            painting = faded(painting, looked.scene.content, looked.areas)
            fresh = self._coloring(painting, looked.scene, replace(looked.cue, motions={}))
        return Painted(replace(looked, seen=None), fresh, {**looked.state, **self._state()})

    def _restylings(self, looked: Looked) -> list[Remembering]:
        """One for each network that paints: they have features of their own."""
        keep = (min(self._keep, CHANGING) if looked.changing else self._keep) ** looked.frames
        return [
            Remembering(looked.aims, [f"{name}, {by}" for name in looked.names], self._features, keep, looked.drift)
            for by in (looked.names[member.first] for member in looked.crew)
        ]

    def _state(self) -> dict[str, Tensor]:
        return {
            **{f"shot {name}": tensor for name, tensor in self._coloring.state().items()},
            **{f"features {name}": table for name, table in self._features.known.items()},
        }

    def take(self, held: Mapping[str, Tensor], scene_of: Callable[[Cue], Scene | None]) -> None:
        """Goes on from a state; from an empty one as at the beginning."""
        self._forget()
        self._coloring.take(named(held, "shot"), scene_of)
        self._features.take(named(held, "features"))
