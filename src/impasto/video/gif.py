"""GIF: 256 colors for the whole film, which are chosen when all its frames are known."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from impasto.video.encoding import EncodedFile
from impasto.video.ffmpeg import av, open_to_read, open_to_write, pulled
from impasto.video.formats import CODECS, FilmFormat
from impasto.video.frames import FilmFrame
from impasto.video.reading import Film

_PIXELS = "bgr0"


class GifFile:
    """A GIF. Until it is finished its frames lie beside it, without loss."""

    def __init__(self, path: Path, format: FilmFormat, shape: tuple[int, int], film: Film) -> None:
        """Begins the file. Raises `av.FFmpegError`, or `OSError`."""
        self._path = path
        self._container = format.container
        self._clock = format.container.time_base or film.info.time_base
        lossless = replace(format, container=replace(format.container, muxer="matroska"), codec=CODECS["ffv1"])
        self._waiting = path.with_name(f"{path.name}.frames")
        self._waiting.unlink(missing_ok=True)  # a link there would be followed
        self._frames = EncodedFile(self._waiting, lossless, shape, film)
        self.notes = self._frames.notes
        self._palette = av.filter.Graph()
        source = _source(self._palette, shape, self._clock)
        self._palette.link_nodes(source, self._palette.add("palettegen"), self._palette.add("buffersink")).configure()
        self._shape = shape
        self._ends = Fraction(0)

    @property
    def left_out(self) -> int:
        """How many frames."""
        return self._frames.left_out

    def add(self, frame: FilmFrame) -> None:
        """Puts a frame behind the others; it is left out where the file's clock is too coarse for it."""
        self._frames.add(frame)
        self._ends = frame.time + frame.duration
        picture = av.VideoFrame.from_ndarray(frame.pixels, "rgb24").reformat(format=_PIXELS, threads=1)
        picture.time_base, picture.pts = self._clock, round(frame.time / self._clock)
        self._palette.vpush(picture)
        next(pulled(self._palette), None)  # there is none before the end, but the graph works only when it is asked

    def finish(self) -> None:
        """Chooses the colors, and writes the file."""
        self._frames.finish()
        self._palette.vpush(None)
        palette = self._palette.vpull()
        lasts = max(self._container.shortest, round(self._ends / self._clock) - (self._frames.last or 0))
        options = {**self._container.options, "final_delay": str(lasts)}
        with open_to_write(self._path, self._container.muxer, options) as output:
            height, width = self._shape
            stream = output.add_stream("gif", width=width, height=height, time_base=self._clock)
            assert isinstance(stream, av.VideoStream)
            stream.pix_fmt = "pal8"
            for frame in self._reduced(palette):
                output.mux(stream.encode(frame))
            output.mux(stream.encode())
        self._waiting.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Closes the file as it is."""
        self._frames.abandon()
        self._waiting.unlink(missing_ok=True)

    def _reduced(self, palette: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """The frames in the colors of the palette; the dots that mix them stay where they are from frame to frame."""
        graph = av.filter.Graph()
        frames = _source(graph, self._shape, self._clock)
        colors = graph.add_buffer(
            width=palette.width, height=palette.height, format=palette.format, time_base=self._clock
        )
        reduce = graph.add("paletteuse", dither="bayer", bayer_scale="3", diff_mode="rectangle")
        frames.link_to(reduce, 0, 0)
        colors.link_to(reduce, 0, 1)
        reduce.link_to(graph.add("buffersink"))
        graph.configure()
        graph.vpush(palette, at=1)
        graph.vpush(None, at=1)
        with open_to_read(self._waiting) as film:
            for frame in film.decode(video=0):
                graph.vpush(_at(frame, self._clock), at=0)
                yield from pulled(graph)
        graph.vpush(None, at=0)
        yield from pulled(graph)


def _source(graph: av.filter.Graph, shape: tuple[int, int], clock: Fraction) -> av.filter.context.FilterContext:
    height, width = shape
    return graph.add_buffer(width=width, height=height, format=av.VideoFormat(_PIXELS), time_base=clock)


def _at(frame: av.VideoFrame, clock: Fraction) -> av.VideoFrame:
    """The frame by another clock."""
    assert frame.pts is not None
    assert frame.time_base is not None
    scale = frame.time_base / clock
    frame.pts, frame.duration, frame.time_base = round(frame.pts * scale), round(frame.duration * scale), clock
    return frame
