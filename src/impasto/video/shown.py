"""Decoded frames -> what a viewer is shown: sRGB, upright, of square pixels."""

from fractions import Fraction
from typing import Any

import numpy as np

from impasto.images.resize import SizeRule
from impasto.motion import Frame
from impasto.video.ffmpeg import SideData, av

_SWS = av.video.reformatter
_EXACT = (
    _SWS.Interpolation.BICUBIC
    | _SWS.Interpolation.ACCURATE_RND
    | _SWS.Interpolation.FULL_CHR_H_INT
    | _SWS.Interpolation.FULL_CHR_H_INP
)
_UNSPECIFIED = 2
_HDR = (_SWS.ColorTrc.SMPTE2084, _SWS.ColorTrc.ARIB_STD_B67)
_SHARPEST_SD = (1280, 576)
"""Width, height: films of a file that names no matrix are BT.601 below, BT.709 from there on, as players have it."""


class Shown:
    """Makes the frames of one film, all of one size."""

    def __init__(self, first: av.VideoFrame, aspect: Fraction, size: SizeRule | None) -> None:
        """`aspect` is width over height of a pixel; `size` makes the size of the one that is shown."""
        self._orientation = _orientation(first)
        height, width = first.height, first.width
        # The longer of a pixel's sides is what counts: nothing that was seen gets lost.
        height, width = (height, round(width * aspect)) if aspect >= 1 else (round(height / aspect), width)
        upright = (width, height) if self._orientation[0] else (height, width)
        self.whole = upright
        """(H, W) as it would be shown in full."""
        self.shape = size(*upright) if size else upright
        """(H, W) of the frames."""
        self.hdr = first.color_trc in _HDR
        self.transparent = False
        """Whether anything of it was, so far: many formats could have transparency, and have none."""
        self._reformatter = _SWS.VideoReformatter()

    def pixels(self, frame: av.VideoFrame) -> Frame:
        """The frame (H, W, 3). Raises `av.FFmpegError` where it cannot be converted."""
        transposed, flip_x, flip_y = self._orientation
        height, width = self.shape[::-1] if transposed else self.shape
        alpha = any(component.is_alpha for component in frame.format.components)
        hdr = frame.color_trc in _HDR
        converted = self._reformatter.reformat(
            frame,
            width,
            height,
            "rgba" if alpha else "rgb24",
            src_colorspace=_matrix(frame),
            dst_color_range=_SWS.ColorRange.JPEG,
            # Bright light is drawn in, as ffmpeg does it; elsewhere code values are what screens show.
            dst_color_trc=_SWS.ColorTrc.IEC61966_2_1 if hdr else None,
            dst_color_primaries=_SWS.ColorPrimaries.BT709 if hdr else None,
            interpolation=_EXACT,
            threads=1,
        )
        picture = np.asarray(converted.to_ndarray(), np.uint8)
        self.transparent |= alpha and bool(picture[..., 3].min() < 255)
        if transposed:
            picture = picture.swapaxes(0, 1)
        picture = picture[:: -1 if flip_y else 1, :: -1 if flip_x else 1]
        return np.ascontiguousarray(on_white(picture) if alpha else picture)


def on_white(picture: Frame) -> Frame:
    """(H, W, 4) with alpha, as it is seen lying on white: (H, W, 3)."""
    alpha = picture[..., 3:].astype(np.uint16)
    return ((picture[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def _matrix(frame: av.VideoFrame) -> int | None:
    if frame.format.is_rgb or frame.colorspace != _UNSPECIFIED:
        return None
    sharp = frame.width >= _SHARPEST_SD[0] or frame.height > _SHARPEST_SD[1]
    return _SWS.Colorspace.ITU709 if sharp else _SWS.Colorspace.ITU601


def _orientation(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """Whether sides are swapped, and then left and right, and top and bottom: ffmpeg's display matrix."""
    matrix: Any = frame.side_data.get(SideData.DISPLAYMATRIX.name)
    if matrix is None:
        return False, False, False
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].tolist()  # x' = a x + c y, y' = b x + d y
    return (True, c < 0, b < 0) if abs(b) > abs(a) else (False, a < 0, d < 0)
