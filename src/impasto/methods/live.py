"""Frames -> paintings, one after the other, as fast as they come."""

from collections.abc import Sequence
from math import sqrt

import torch

from impasto import devices
from impasto.engine.looks import Look, at_strength, mixed, own_look_of, share_of
from impasto.engine.restyling import restyling_of
from impasto.images import PictureLike
from impasto.images.packing import packed
from impasto.images.resize import fit, resize
from impasto.methods.painters import Painters, painter_for
from impasto.methods.seen import Seen
from impasto.methods.style import look_at, look_of_saved, saved_style
from impasto.motion import Frame
from impasto.networks.feedforward import UNIT
from impasto.networks.style_file import SavedStyle
from impasto.settings.live import LiveSettings

_STEADY = 0.8
"""Share of what was known of the frames before in what is known of a frame: colors do not jump with every one."""


class LivePainter:
    """Paints frames in one of several styles, which may be changed between two of them."""

    def __init__(self, styles: Sequence[PictureLike], settings: LiveSettings) -> None:
        """Raises `ImpastoError` for styles, networks and devices that cannot be had."""
        compute = devices.choose(settings)
        self._device = compute.device
        self._settings = settings
        self._painter = painter_for(settings.painter, compute)
        self._own: Look | None = None
        saved = [saved_style(self._painter, style) for style in styles]
        self._looks = [self._look(*each) for each in zip(styles, saved, strict=True)]
        share = share_of(settings.strength)
        painters = [Painters(self._painter, {0: each} if each else {}) for each in saved]
        aims = [at_strength(look, look, settings.strength) for look in self._looks]
        pairs = zip(painters, aims, strict=True)
        self._painters = [network for each, aim in pairs for network in each.at([[share]], [aim])]
        self.style = 0
        """The number of the style to paint in; any number is one of them, counted round and round."""

    @torch.inference_mode()
    def _look(self, style: PictureLike, saved: SavedStyle | None) -> Look:
        side = self._settings.size * sqrt(0.75)  # of a square as large as a frame in the shape of most cameras
        if saved:
            return look_of_saved(self._painter, saved, side)
        return look_at(self._painter, style, side, self._device)

    @torch.inference_mode()
    def paint(self, frame: Frame) -> Frame:
        """The painting of a frame, (h, w, 3): its longer side is as the settings say, in whole multiples of 8."""
        shape = fit(frame.shape[0], frame.shape[1], self._settings.size)
        height, width = (max(4, round(side / UNIT)) * UNIT for side in shape)
        pixels = resize(torch.from_numpy(frame).permute(2, 0, 1)[None].to(self._device).float() / 255, (height, width))
        number = self.style % len(self._looks)
        seen = Seen(self._painter, packed(pixels), self._device)
        (spreads,) = seen.spreads([None])
        own = own_look_of(spreads)
        self._own = mixed([self._own, own], [_STEADY, 1 - _STEADY]) if self._own else own
        aim = at_strength(self._own, self._looks[number], self._settings.strength)
        painted = seen.painted(restyling_of([(None, aim)], [spreads]), self._painters[number])
        return (painted[0].permute(1, 2, 0) * 255).round().byte().numpy()
