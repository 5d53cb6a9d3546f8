"""Frames, sound and subtitles -> a file, as ffmpeg writes it."""

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from impasto.devices import has_avx512
from impasto.motion import Frame
from impasto.video.container import ContainerSource
from impasto.video.ffmpeg import Packet, av, open_to_read, open_to_write
from impasto.video.formats import Container, FilmFormat
from impasto.video.frames import FilmFrame
from impasto.video.reading import Film
from impasto.video.record import COMMENT, comment
from impasto.video.timing import plain
from impasto.video.tracks import Tracks

_SWS = av.video.reformatter
_EXACT = _SWS.Interpolation.BICUBIC | _SWS.Interpolation.ACCURATE_RND | _SWS.Interpolation.FULL_CHR_H_INP
_KEPT = ("title", "artist", "album", "date", "copyright", "creation_time")
_BT709 = 1
_LIMITED = 1
_QUICKTIME = ("mp4", "mov")
"""Muxers of files that are built as QuickTime's are."""
_DAMAGED = (av.ArgumentError, av.InvalidDataError, av.PatchWelcomeError)
"""What ffmpeg says of a damaged packet of sound, which costs itself and not the film."""
_TICKS = 1000
"""A second, at least, of the clock by which an MP4 tells how long it is."""


class EncodedFile:
    """A film of any format but GIF. The same frames make the same file in every run."""

    def __init__(self, path: Path, format: FilmFormat, shape: tuple[int, int], film: Film, record: str = "") -> None:
        """Begins the file; its sound, subtitles, clock and title are those of `film`. Raises `av.FFmpegError`."""
        container = format.container
        self._clock = container.time_base or film.info.time_base
        self._output = open_to_write(path, container.muxer, {**container.options, **_beginning(container, self._clock)})
        self._shortest = container.shortest
        self._adds_up = container.muxer in _QUICKTIME
        """Whether a packet lasts until the next one in the file, and not from when it is shown."""
        self.left_out = 0
        """How many frames."""
        self.last: int | None = None
        """The tick at which the last frame begins."""
        self._begins = 0
        """The tick at which the first frame begins..."""
        self._ends = 0
        """...and the last one ends."""
        self._first: int | None = None
        """The tick at which the first packet is decoded."""
        self._waiting: Packet | None = None
        self._durations: dict[int, int] = {}
        """Ticks, by time stamp: encoders do not hand them on, and the last frame has no next one to tell its own."""
        self._yuv = format.codec.pixels.startswith("yuv")
        self._stream = self._added(format, shape_in(format, shape), film.info.rate)
        self._tracks = Tracks(film, container, self._output)
        self.notes = self._tracks.notes
        self._output.metadata.update(_title(film))
        if record:
            self._output.metadata[COMMENT] = comment(record)
        self._output.start_encoding()

    def _added(self, format: FilmFormat, shape: tuple[int, int], rate: Fraction) -> av.VideoStream:
        """The stream of the frames, new in the file."""
        (height, width), codec = shape, format.codec
        options = dict(_options(format))
        stream = self._output.add_stream(
            codec.encoder, rate=plain(rate), options=options, width=width, height=height, time_base=self._clock
        )
        assert isinstance(stream, av.VideoStream)
        stream.pix_fmt = codec.pixels
        context = stream.codec_context
        if self._yuv:
            context.colorspace = context.color_primaries = context.color_trc = _BT709
            context.color_range = _LIMITED
        if codec.tag and self._adds_up:
            context.codec_tag = codec.tag
        return stream

    def add(self, frame: FilmFrame) -> None:
        """Puts a frame behind the others; it is left out where the file's clock is too coarse for it."""
        stamp = round(frame.time / self._clock)
        if self.last is not None and stamp < self.last + self._shortest:
            self.left_out += 1
            return
        if self.last is None:
            self._begins = stamp
        self.last = stamp
        picture = self._picture(frame.pixels)
        picture.time_base = self._clock
        picture.pts = stamp
        self._ends = max(stamp + 1, round((frame.time + frame.duration) / self._clock))
        self._durations[stamp] = self._ends - stamp
        self._mux(self._stream.encode(picture))

    def finish(self) -> None:
        """Writes what is left, and closes the file."""
        self._mux(self._stream.encode())
        self._mux_last()
        self._mux_tracks(None)
        self._output.close()

    @property
    def ticks(self) -> int:
        """How long the film lasts."""
        return self._ends - self._begins

    def abandon(self) -> None:
        """Closes the file as it is."""
        with suppress(av.FFmpegError, ValueError, OSError):
            self._output.close()

    def _mux(self, packets: list[Packet]) -> None:
        """Writes the packets but the last one, which waits: how long it lasts depends on whether it stays the last."""
        for packet in filter(None, packets):
            if packet.time_base == self._clock and packet.pts is not None:
                packet.duration = self._durations.pop(packet.pts, packet.duration)
            if self._waiting is None:
                self._first = packet.dts
            else:
                self._mux_one(self._waiting)
            self._waiting = packet

    def _mux_one(self, packet: Packet) -> None:
        if packet.dts is not None:
            self._mux_tracks(packet.dts * packet.time_base)
        self._output.mux(packet)

    def _mux_last(self) -> None:
        """MP4 adds up the durations in the order of decoding, where the last packet need not be the last frame.

        Elsewhere each packet has its own.
        """
        last = self._waiting
        if last is None:
            return
        if self._adds_up and last.time_base == self._clock and last.dts is not None and self._first is not None:
            last.duration = max(last.duration or 1, self.ticks - (last.dts - self._first))
        self._mux_one(last)

    def _mux_tracks(self, time: Fraction | None) -> None:
        for packet in self._tracks.until(time):
            with suppress(*_DAMAGED):
                self._output.mux(packet)

    def _picture(self, pixels: Frame) -> av.VideoFrame:
        """The frame as the encoder wants it; the last line and column again where it is too small."""
        height, width, _ = pixels.shape
        missing = ((0, self._stream.height - height), (0, self._stream.width - width), (0, 0))
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.pad(pixels, missing, "edge")), "rgb24")
        if not self._yuv:
            return picture.reformat(format=self._stream.pix_fmt, threads=1)
        picture = picture.reformat(
            format=self._stream.pix_fmt,
            dst_colorspace=_SWS.Colorspace.ITU709,
            dst_color_range=_SWS.ColorRange.MPEG,
            interpolation=_EXACT,
            threads=1,
        )
        picture.color_primaries = picture.color_trc = _BT709
        return picture


def shape_in(format: FilmFormat, shape: tuple[int, int]) -> tuple[int, int]:
    """(H, W) that frames of `shape` have in the file: some codecs know even sides alone."""
    height, width = (side + side % 2 if format.codec.even else side for side in shape)
    return height, width


def _beginning(container: Container, clock: Fraction) -> Mapping[str, str]:
    """MP4 and QuickTime files tell by a clock of their own, of milliseconds, when a stream begins: one that is as fine
    as the film's.
    """
    if container.muxer not in _QUICKTIME:
        return {}
    return {"movie_timescale": str(clock.denominator * ceil(_TICKS / clock.denominator))}


def _options(format: FilmFormat) -> Mapping[str, str]:
    options = {**format.codec.options}
    if format.crf is not None:
        options["crf"] = str(format.crf)
    if format.codec.encoder == "libx264" and has_avx512():
        # With AVX-512, x264 makes another file of the same small frames every now and then, at no gain of time.
        options["x264-params"] = "asm=avx2"
    return options


def _title(film: Film) -> Mapping[str, str]:
    """What the film says of itself, but for what belongs to its file."""
    if not isinstance(film.source, ContainerSource):
        return {}
    with open_to_read(film.source.path) as container:
        return {name: value for name, value in container.metadata.items() if name.lower() in _KEPT}
