"""Small clips for the tests, drawn by NumPy and written by PyAV itself."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from impasto.motion import Frame

NTSC = Fraction(24000, 1001)
PATCHES = [(255, 255, 255), (0, 0, 0), (200, 30, 40), (20, 180, 60), (30, 40, 220), (128, 128, 128), (250, 240, 10)]


def number(frame: Frame) -> int:
    """Which frame it is, from 0: `drawn` has written it into its gray."""
    return round((float(frame[8:-8, 8:-8].mean()) - 40) / 5)


def drawn(index: int, height: int = 48, width: int = 64) -> Frame:
    """A gray frame that knows its number, up to 40."""
    return np.full((height, width, 3), 40 + 5 * index, np.uint8)


def patches(height: int = 48) -> Frame:
    """Seven colors side by side, 16 pixels each."""
    return np.repeat(np.repeat(np.uint8([PATCHES]), 16, 1), height, 0)


def write_clip(
    path: Path,
    frames: Sequence[Frame],
    rate: Fraction = Fraction(25),
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    times: Iterable[int] | None = None,
    time_base: Fraction | None = None,
    matrix: int = Colorspace.ITU709,
    full: bool = False,
    tagged: bool = True,
    rotation: int = 0,
    aspect: Fraction = Fraction(1),
    sound: str | None = None,
    layout: str = "stereo",
    begins: float = 0,
    options: Mapping[str, str] = {"crf": "1"},
    context: Mapping[str, Any] = {},
) -> Path:
    """A film of the frames, at `times` in ticks of `time_base`; its clock shows `begins` seconds where it begins."""
    color_range = ColorRange.JPEG if full else ColorRange.MPEG
    height, width, _ = frames[0].shape
    with av.open(str(path), "w", options={"output_ts_offset": str(begins)}) as output:
        stream = output.add_stream(codec, rate=rate, options=dict(options), width=width, height=height)
        stream.pix_fmt = pixels
        stream.codec_context.time_base = time_base or 1 / rate
        stream.codec_context.sample_aspect_ratio = aspect
        if tagged:
            stream.codec_context.colorspace, stream.codec_context.color_range = matrix, color_range
        for name, value in context.items():
            setattr(stream.codec_context, name, value)
        if rotation:
            stream.set_display_rotation(rotation)
        tracks = [output.add_stream(sound, rate=48000)] if sound else []
        if tracks:
            tracks[0].layout = layout
        for index, (frame, time) in enumerate(zip(frames, times or range(len(frames)), strict=True)):
            picture = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(
                format=pixels, dst_colorspace=matrix, dst_color_range=color_range
            )
            if not tagged:
                picture.colorspace, picture.color_range = 2, 0
            picture.pts, picture.time_base = time, time_base or 1 / rate
            output.mux(stream.encode(picture))
            if tracks and index == 0:
                seconds = float(len(frames) / rate)
                output.mux(list(_sound(tracks[0], seconds)))
        output.mux(stream.encode())
        for track in tracks:
            output.mux(track.encode())
    return path


def _sound(track: av.AudioStream, seconds: float) -> Iterable[av.Packet]:
    chance = np.random.default_rng(0)
    for start in range(0, round(seconds * 48000), 1024):
        samples = chance.integers(-3000, 3000, (1, 1024 * track.layout.nb_channels)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, "s16", track.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        yield from track.encode(frame)


def packets(path: Path, kind: str = "audio") -> list[tuple[Fraction | None, bytes]]:
    """Times and bytes of all packets of the streams of a kind."""
    with av.open(str(path)) as film:
        streams = [stream for stream in film.streams if stream.type == kind]
        return [
            (None if packet.pts is None else packet.pts * packet.time_base, bytes(packet))
            for packet in film.demux(streams)
            if packet.size
        ]


def stamps(path: Path) -> list[Fraction]:
    """The times of all frames, as PyAV itself tells them."""
    with av.open(str(path)) as film:
        return [frame.pts * frame.time_base for frame in film.decode(video=0)]
