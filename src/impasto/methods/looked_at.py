"""The looks of pictures that were looked at before: who paints many photos shows each of them the same style."""

from collections.abc import Hashable, Sequence
from functools import cache, cached_property

import torch
from torch import Tensor

from impasto.digests import numbers_digest
from impasto.engine.looks import Look, with_less_light
from impasto.images.packing import is_large
from impasto.methods.scene import packed_at
from impasto.methods.seen import Seen
from impasto.networks.feedforward import FeedForward
from impasto.recent import Recent

_looks: Recent[Look] = Recent(64)
"""Some ten million bytes."""
_lights: Recent[Sequence[Tensor]] = Recent(64)


class StylePicture:
    """The picture of a style, as a network on a device sees it; its looks are found again by its pixels."""

    def __init__(self, painter: FeedForward, picture: Tensor, device: torch.device) -> None:
        """`picture` (1, 3, H, W), packed, is as large as for a painting of the result's size."""
        self._painter, self._picture, self._device = painter, picture, device

    def look(self, scale: float, light_left: float = 1.0) -> Look:
        """Its look for a painting of another size, with so much left of its broad light."""
        seen = cache(lambda: self.seen(scale))  # what was seen for the look tells of the light, too
        look = _looks.get(self._key(scale), lambda: seen().looks([None])[0])
        if light_left == 1:
            return look
        lights = _lights.get(self._key(scale), lambda: seen().lights())
        return with_less_light(look, lights, light_left)

    def seen(self, scale: float) -> Seen:
        """The picture itself, for a painting of another size."""
        return Seen(self._painter, packed_at(self._picture, scale), self._device)

    def _key(self, scale: float) -> Hashable:
        """What a look depends on, down to how it is rounded; None for what is not kept, as of a very large picture."""
        painter = self._painter
        if not painter.fingerprint or is_large(self._picture.shape):
            return None
        rounding = painter.rounds, str(self._device), torch.get_num_threads()
        return painter.fingerprint, *rounding, tuple(self._picture.shape), self._digest, scale

    @cached_property
    def _digest(self) -> bytes:
        return numbers_digest(self._picture)
