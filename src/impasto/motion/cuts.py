"""Where one shot of a film ends and another begins."""

from collections import deque
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.motion.flow import Frame, flow
from impasto.motion.opencv import around
from impasto.motion.visibility import visible
from impasto.motion.warp import warped

_SIDE = 96
"""Longer side in pixels at which frames are looked at: there even fast motion is short, and noise is averaged away."""
_WINDOW = 9
"""Side in pixels of what counts as a place."""
_FAINT = 4.0
"""Contrast of a place, of 255, from which there is something to see."""
_ALIKE = 0.5
"""Correlation of two places that show the same."""
_LOST = 0.08
"""Share of a frame that must be found in an earlier one, as a part of what is usual."""
_RECOLORED = 0.35
"""The same as a part of how much the colors changed, where that is more: what rushes past the camera, blurred, is
hardly found either, but it still has the colors of its shot."""
_BLANK = 0.02
"""Share of a frame that has something to see, below which there is nothing."""
_MEMORY, _HABIT = 4, 12
"""Frames that a frame is compared with, and shares that tell what is usual."""


class Cuts:
    """Tells of frames, shown one by one in their order, which of them begin a new shot.

    What a frame shows is searched for in the frame before, by optical flow at a small size. A place is found if the
    flow there and back agrees and the place looks the same, but for brightness and contrast. A shot goes on as long as
    enough is found; the more the colors changed, and the more was found in the frames before, the more is enough. A
    pan, a zoom or a shaking camera leave most of the picture where the flow finds it. What is not found in the frame
    before is searched for in the three before that one: a flash does not end a shot. A frame without anything to see,
    such as black between two scenes, begins none; what follows it is compared with what came before. So a fade to black
    and out of it is one cut, at the first frame in which the new scene can be told, and none where the scene is the old
    one. A dissolve has no frame at which a shot begins, and none is told.
    """

    def __init__(self) -> None:
        self._seen: deque[_Glance] = deque(maxlen=_MEMORY)
        self._shares: deque[float] = deque(maxlen=_HABIT)
        self._begun = False

    def __call__(self, frame: Frame) -> bool:
        """Whether `frame` begins a new shot; never true of the first one. Raises `MissingExtraError` as `flow` does."""
        glance = _glance(frame)
        first, self._begun = not self._begun, True
        if glance.blank:
            return False
        cut = not first and not self._goes_on(glance)
        if cut:
            self._seen.clear()
            self._shares.clear()
        self._seen.append(glance)
        return cut

    def _goes_on(self, glance: "_Glance") -> bool:
        usual = median(self._shares) if self._shares else 1.0
        for earlier in reversed(self._seen):
            share = _found(glance, earlier)
            if share >= usual * max(_LOST, _RECOLORED * _changed(glance, earlier)):
                self._shares.append(share)
                return True
        return False


@dataclass(frozen=True)
class _Glance:
    """What is kept of a frame."""

    places: Tensor
    """(1, 1, h, w): gray with brightness and contrast of each place's surroundings taken out."""
    busy: Tensor
    """(1, 1, h, w) in {0., 1.}: where there is something to see."""
    colors: Tensor
    """(512,): how many pixels have each of 8 x 8 x 8 colors, as shares, with the frame's brightness and contrast taken
    out."""

    @property
    def blank(self) -> bool:
        return float(self.busy.mean()) < _BLANK

    @property
    def shown(self) -> Frame:
        """`places` as a frame, for the search."""
        levels = (self.places[0, 0] * 48 + 128).clamp(0, 255).byte()
        return levels[..., None].expand(-1, -1, 3).numpy()


def _glance(frame: Frame) -> _Glance:
    height, width = frame.shape[:2]
    scale = _SIDE / max(height, width)
    shape = max(1, round(height * scale)), max(1, round(width * scale))
    channels = torch.from_numpy(np.require(frame, requirements=["C", "W"])).permute(2, 0, 1)[None]
    small = F.interpolate(channels, size=shape, mode="bilinear", antialias=True)
    gray = small.float().mean(1, keepdim=True)
    detail = gray - around(gray, _WINDOW)
    contrast = around(detail.square(), _WINDOW).sqrt()
    return _Glance(detail / (contrast + _FAINT), (contrast > _FAINT).float(), _colors(small))


def _colors(small: Tensor) -> Tensor:
    values = small[0].float()
    usual = (values - values.mean()) / (values.std(correction=0) + 1)  # a fade changes neither
    red, green, blue = ((usual + 2) * 2).clamp(0, 7).long()
    return torch.bincount((red * 64 + green * 8 + blue).flatten(), minlength=512).div(red.numel())


def _found(glance: _Glance, earlier: _Glance) -> float:
    """Share of what is seen in a frame that was seen in an earlier one."""
    if glance.places.shape != earlier.places.shape:
        return 0.0
    motion = flow(glance.shown, earlier.shown)
    places, there = glance.places, warped(earlier.places, motion)
    size = (around(places.square(), _WINDOW) * around(there.square(), _WINDOW)).sqrt()
    alike = around(places * there, _WINDOW) > _ALIKE * size
    found = alike * visible(motion, flow(earlier.shown, glance.shown)) * glance.busy
    return float(found.sum() / glance.busy.sum())


def _changed(glance: _Glance, earlier: _Glance) -> float:
    """Share of a frame whose colors an earlier one did not have, from 0 to 1: half the distance of the histograms."""
    return float((glance.colors - earlier.colors).abs().sum() / 2)
