"""Make one painting that does not flicker of those of a film's frames."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import safetensors.torch
import torch
from torch import Tensor

from impasto.engine.regions import untouched_outside
from impasto.engine.steadying import trust, undisturbed, with_detail_of
from impasto.engine.toning import Toning
from impasto.images.packing import packed, unpacked
from impasto.images.picture import quantize
from impasto.methods.film import Finished, named, pixels_of, tensor_of
from impasto.methods.film_looking import CHANGING, Between, Looked
from impasto.methods.film_masks import Masks, Settling, painted_alike
from impasto.motion import Frame, Stillness, warped_sharply

_SHOWN, _NOTHING = 0.99, 1e-6
"""Shares from which, and below which, a place of a frame is all there, or not at all, in its neighbors' paintings."""


@dataclass(frozen=True)
class Painted:
    """A frame painted by itself: its features are not needed any more."""

    looked: Looked
    fresh: Tensor | None
    """(1, 3, H, W); None where there was nothing to paint."""
    state: Mapping[str, Tensor]
    """What looking and painting go on from behind this frame."""


@dataclass(frozen=True)
class _Last:
    """What is left of a frame for the next one."""

    frame: Frame
    painted: Tensor
    """The painting (1, 3, H, W), packed, everywhere, whatever masks there are."""
    painting: Frame
    """What was given out."""
    masks: Masks
    """By which it was painted."""


class Steadying:
    """Blends each painting with the last one, moved as the film moves, and fills in the frames between."""

    def __init__(self, keep: float) -> None:
        """`keep` is the share of the last painting where both show the same."""
        self._keep = keep
        self._forget()

    def _forget(self) -> None:
        """Begins a shot."""
        self._stillness, self._settling = Stillness(), Settling()
        self._last: _Last | None = None

    @torch.inference_mode()
    def __call__(self, painted: Painted) -> Iterator[Finished]:
        """The frame, and before it those between."""
        looked, fresh, last = painted.looked, painted.fresh, self._last
        if looked.cue.begins or looked.scene is None:
            self._forget()
        if looked.scene is None:
            return iter([Finished(looked.cue.frame, b"")])
        between: list[Finished] = []
        if fresh is not None:
            # What rests in all frames so far does so in the next: the earlier have told what there is to rest since.
            frames = [*(each.cue.frame for each in looked.between), looked.cue.frame]
            *rested, rests = accumulate(map(self._resting, frames), torch.logical_and)
            held = self._steadied(fresh, looked, rests)
            whole = untouched_outside(looked.scene.regions, unpacked(held), unpacked(looked.scene.photo.pixels))
            self._last = _Last(looked.cue.frame, held, quantize(whole, 8), looked.masks)
            if last and looked.between:
                filling = _Filling(unpacked(last.painted), unpacked(held), looked.cue.frame)
                between = [
                    Finished(quantize(filling(each, rests), 8), None)
                    for each, rests in zip(looked.between, rested, strict=True)
                ]
        assert self._last
        return iter([*between, Finished(self._last.painting, self._state(self._last, painted.state))])

    def _resting(self, frame: Frame) -> Tensor:
        return undisturbed(self._stillness(frame)).bool()

    def _steadied(self, fresh: Tensor, looked: Looked, rests: Tensor) -> Tensor:
        """The painting (1, 3, H, W), packed, blended with the last one."""
        frame, motion = looked.cue.frame, looked.cue.motions.get(1)
        keep = min(self._keep, CHANGING if looked.changing else 1.0)
        if not self._last or not motion or not keep:
            return packed(fresh)
        last = unpacked(self._last.painted)
        masks = looked.masks, self._last.masks
        hold = keep * trust(frame, self._last.frame, motion.flow, motion.visible, looked.frames)
        hold = hold * painted_alike(*masks, motion.flow)
        painted = with_detail_of(fresh, torch.lerp(fresh, warped_sharply(last, motion.flow), hold), looked.frames)
        return packed(painted if looked.changing else torch.where(rests & self._settling(*masks, keep), last, painted))

    def _state(self, last: _Last, before: Mapping[str, Tensor]) -> bytes:
        assert self._stillness.reference is not None
        pictures = {"looked at": self._stillness.reference, "painting": last.painting}
        own = {"painted": last.painted, **{name: tensor_of(picture) for name, picture in pictures.items()}}
        masks = {f"mask {name}": mask for name, mask in last.masks.items()}
        if self._settling.left is not None:
            masks["settling"] = self._settling.left
        return safetensors.torch.save({name: _alone(tensor) for name, tensor in {**before, **own, **masks}.items()})

    def take(self, held: Mapping[str, Tensor]) -> None:
        """Goes on from a state; from an empty one as at the beginning."""
        self._forget()
        if held:
            frame, looked_at, painting = (held[name].numpy() for name in ("frame", "looked at", "painting"))
            self._stillness, self._settling = Stillness(looked_at), Settling(held.get("settling"))
            self._last = _Last(frame, held["painted"], painting, named(held, "mask"))


class _Filling:
    """Makes frames between two paintings of these."""

    def __init__(self, before: Tensor, after: Tensor, frame_after: Frame) -> None:
        """`before` and `after` are paintings (1, 3, H, W)."""
        self._before, self._after, self._frame_after = before, after, frame_after

    def __call__(self, between: Between, rests: Tensor) -> Tensor:
        """The painting (1, 3, H, W) of a frame."""
        earlier = warped_sharply(self._before, between.back.flow)
        later = warped_sharply(self._after, between.onward.flow)
        shown = between.earlier + between.later
        painted = torch.lerp(later, earlier, between.earlier / shown.clamp_min(_NOTHING))
        new = shown[0, 0] < _SHOWN
        if new.any():
            toned = self._toning(pixels_of(between.cue.frame)[0, :, new])
            painted[0, :, new] = torch.lerp(toned, painted[0, :, new], shown[0, 0, new])
        return torch.where(rests, self._before, with_detail_of(self._before, painted))

    @cached_property
    def _toning(self) -> Toning:
        return Toning(pixels_of(self._frame_after), self._after)


def _alone(tensor: Tensor) -> Tensor:
    """The same numbers with no others around them, and in memory of their own: as files of tensors have them."""
    return tensor.contiguous().clone()
