"""Where masks have a frame of a film painted in the same way as an earlier one: only there its painting holds."""

from collections.abc import Mapping

import torch
from torch import Tensor

from impasto.engine.mask import Mask
from impasto.engine.steadying import undisturbed
from impasto.images.packing import packed, unpacked
from impasto.methods.scene import Scene
from impasto.motion import warped

_GONE = 1 / 64
"""Of a painting, what is left of it when nobody sees it any more."""

Masks = Mapping[str, Tensor]
"""By name, each (1, 1, H, W), packed; none for a frame that is painted in one way."""


def frame_masks(scene: Scene, protected: Mask | None) -> Masks:
    """The masks of a frame: where its regions are, and where it is kept."""
    found = {f"region {region.name}": region.here for region in scene.regions} | {"protected": protected}
    return {name: packed(mask.pixels.cpu()) for name, mask in found.items() if mask}


def painted_alike(masks: Masks, earlier: Masks, motion: Tensor) -> Tensor:
    """Where two frames are painted in the same way, (1, 1, H, W) in [0, 1], by the masks of each.

    `motion` (1, 2, H, W) leads from the frame to the earlier one.
    """
    same = torch.ones_like(motion[:, :1])
    for name in {*masks, *earlier}:
        now, then = (unpacked(each[name]) if name in each else torch.zeros_like(same) for each in (masks, earlier))
        same = torch.minimum(same, 1 - (now - warped(then, motion)).abs())
    return same


class Settling:
    """Where a painting still changes because masks have, near by, though the film stands still there.

    What was painted beside the edge of a mask that moved on belongs to it, and takes some frames to be gone.
    """

    def __init__(self, left: Tensor | None = None) -> None:
        """`left` goes on from the `left` of another one."""
        self.left = left
        """How much is left of what was painted by other masks, (1, 1, H, W); None for nothing at all."""

    def __call__(self, masks: Masks, earlier: Masks, keep: float) -> Tensor:
        """Where the painting has settled: True, (1, 1, H, W), or one for all of it.

        `keep` is the share of the last painting in the next one.
        """
        changed = 1 - undisturbed(_equal(masks, earlier))
        left = changed if self.left is None else torch.maximum(self.left * keep, changed)
        self.left = left if left.max() > _GONE else None
        return left <= _GONE


def _equal(masks: Masks, earlier: Masks) -> Tensor:
    """Where two frames have the same masks, on the screen: (1, 1, H, W), or one for all of it; 1. there, else 0."""
    equal = torch.ones(1, 1, 1, 1)
    for name in {*masks, *earlier}:
        now, then = (unpacked(each[name]) if name in each else torch.zeros(1) for each in (masks, earlier))
        equal = equal * (now == then)
    return equal
