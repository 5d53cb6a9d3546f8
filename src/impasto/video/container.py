"""Films in files, as ffmpeg reads them."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from math import floor
from pathlib import Path

from impasto.errors import FilmError
from impasto.images.resize import SizeRule
from impasto.motion import Frame
from impasto.video.breaks import Continued, breaks
from impasto.video.deinterlacing import deinterlaced
from impasto.video.ending import Ending
from impasto.video.ffmpeg import Disposition, av, open_to_read, reason
from impasto.video.frames import FilmInfo, Moment
from impasto.video.shown import Shown

_MICROSECOND = Fraction(1, 1_000_000)
_RATE = Fraction(25)
"""Of a film that does not tell its own."""
_TIMELESS = 0x0080
"""AVFMT_NOTIMESTAMPS: ffmpeg's mark of formats that are a stream of frames and nothing else."""
_TEXT = {"ansi", "bintext", "xbin", "idf"}
"""What ffmpeg takes almost any text for."""
_CLEAR = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""Decoders that know of transparency, by the codecs whose usual ones do not."""


class ContainerSource:
    """A film in a file of any container and codec that ffmpeg reads. It is opened anew for every pass."""

    def __init__(self, path: Path, size: SizeRule | None) -> None:
        """Raises `FilmError` for what is no film, or has no frame that can be decoded."""
        self.path, self.files = path, [path]
        self.skipped = 0
        """Packets of the last pass that could not be decoded, or had no place in time."""
        self.damaged = 0
        """Frames of the last pass of which parts were missing."""
        self._interlaced = False
        """Whether any frame of it was, so far."""
        self._broken: str | None = None
        self._cut_short: str | None = None
        self._resized = False
        self._sought: dict[Fraction, bool] = {}
        """By the start, what `_found` has found."""
        with explained(path), open_to_read(path) as container:
            self._stream = _film(container)
            stream = container.streams.video[self._stream]
            self._time_base = clock(stream)
            origin = _origin(container, stream)
            self._rate = _rate(container, stream)
            aspect = stream.sample_aspect_ratio or Fraction(1)
            codec = stream.codec_context.codec.canonical_name
            duration = _duration(container, stream)
            self._ends = _end(stream)
            count = stream.frames or (round(duration * self._rate) if duration else None)
            sound = bool(container.streams.audio)
            self._orderless = container.format.name == "avi"
            self._guessed = container.format.name == "mpeg"
            """Whether its packets have no times of their own: those behind a place that was sought may be wrong."""
            self.later, end = breaks(container, 1 / self._rate)
            """Seconds by which each part of a film that was put together comes later than its own clock says."""
            if self.later:
                duration, self._ends = end - (origin or 0), None
                count = round(duration * self._rate)
        first = next(self._decoded(Fraction(0)), None)
        if first is None:
            raise FilmError(f"{str(path)!r} holds no frame that can be decoded. Get or export it again.")
        # AVI knows in which order frames are decoded, but not when they are shown.
        self._delay = first.dts if self._orderless else None
        self.origin = (self._stamp(first) or Fraction(0)) if origin is None else origin
        """Seconds that the clock of the file shows where the film begins."""
        self._first = (first.height, first.width)
        self._shown = Shown(first, aspect, size)
        self.info = FilmInfo(self._shown.shape, self._rate, self._time_base, duration, count, sound, codec)

    @property
    def notes(self) -> list[str]:
        """What the user should know of how it is read, and what the last pass found out."""
        height, width = self._shown.whole
        told = {
            "the film is HDR: its light is drawn in to what an ordinary screen shows.": self._shown.hdr,
            "the film has transparency, which is lost: every frame lies on white.": self._shown.transparent,
            "the film is interlaced: every frame of two fields is made whole.": self._interlaced,
            f"the film changes its size: every frame was made {width} × {height}, as the first is.": self._resized,
            f"{_several(self.skipped, 'damaged packet')} skipped.": self.skipped,
            f"{_several(self.damaged, 'frame')} damaged in the film itself.": self.damaged,
            f"the film breaks off before its end ({self._broken}).": self._broken,
        }
        cut_short = [self._cut_short] if self._cut_short else []
        return [words for words, true in told.items() if true] + cut_short

    def moments(self, start: Fraction) -> Iterator[Moment]:
        """The frames in order, from one at or before `start` on. Raises `FilmError`."""
        moments = self._moments(start if start and self._found(start) else Fraction(0))
        return moments if self._ends is None else _ending(moments, self._ends - self.origin)

    def _found(self, start: Fraction) -> bool:
        """Whether the film, sought in, is whole from a frame at or before `start` on.

        Else it is read from its beginning. Some files can only be sought in by guessing. And after a key frame there
        may be frames that lean on others before it: they are damaged, and so may be what leans on them.
        """
        if self.later or self._guessed:
            return False
        if start not in self._sought:
            with closing(self._moments(start)) as moments:
                before = next(moments, None)
                found = before is not None and before.time <= start
                while found and before is not None and before.time < start:
                    before = next(moments, None)
                self._sought[start] = found and not self.damaged
        return self._sought[start]

    def _moments(self, start: Fraction) -> Generator[Moment]:
        self.skipped = self.damaged = 0
        self._broken, self._cut_short, self._resized = None, None, False
        time = None
        later = Continued(self.later)
        for frame in deinterlaced(self._decoded(start), self._time_base):
            time_base = frame.time_base or self._time_base
            stamp = self._stamp(frame)
            if stamp is not None:
                shown = stamp - self.origin
                shown += later(shown)
            else:
                shown = Fraction(0) if time is None else time + 1 / self._rate
            if time is not None and shown <= time:
                self.skipped += 1
                continue
            time = shown
            self.damaged += frame.is_corrupt
            self._resized |= (frame.height, frame.width) != self._first
            duration = frame.duration * time_base if frame.duration else None
            yield Moment(time, duration, cache(partial(self._pixels, frame)))

    def _stamp(self, frame: av.VideoFrame) -> Fraction | None:
        """The seconds that the clock of the file shows when the frame comes; None where the file does not say."""
        if self._delay is None:
            return None if frame.pts is None else frame.pts * (frame.time_base or self._time_base)
        # Counted by the stream's clock, whatever clock a filter has given to the frame.
        return None if frame.dts is None else (frame.dts - self._delay) * self._time_base

    def _pixels(self, frame: av.VideoFrame) -> Frame:
        with explained(self.path):
            return self._shown.pixels(frame)

    def _decoded(self, start: Fraction) -> Iterator[av.VideoFrame]:
        with explained(self.path), open_to_read(self.path) as container:
            stream = container.streams.video[self._stream]
            if start:
                with suppress(av.FFmpegError):
                    container.seek(floor((start + self.origin) / self._time_base), stream=stream)
            ending, decoder = Ending(container, stream), _decoder(stream)
            try:
                for packet in container.demux(ending.streams):
                    ending.add(packet)
                    if packet.stream is stream:  # packets that flush a decoder all say that they are of stream 0
                        yield from self._unpacked(partial(decoder.decode, packet))
                self._cut_short = ending.note
            except av.FFmpegError as error:
                self._broken = reason(error)
                yield from self._unpacked(decoder.decode)

    def _unpacked(self, decode: Callable[[], list[av.VideoFrame]]) -> list[av.VideoFrame]:
        try:
            frames = decode()
        except EOFError:
            return []
        except av.FFmpegError:
            self.skipped += 1
            return []
        self._interlaced |= any(frame.interlaced_frame for frame in frames)
        return frames


def _several(count: int, what: str) -> str:
    return f"1 {what} was" if count == 1 else f"{count} {what}s were"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns the errors of ffmpeg into a `FilmError` with the film's name in front."""
    try:
        yield
    except EOFError as error:
        raise FilmError(f"{str(path)!r} is cut short. Get or export it again.") from error
    except (av.FFmpegError, ValueError) as error:
        raise FilmError(
            f"{str(path)!r}: this is no film, or a damaged one ({reason(error)}). Get or export it again."
        ) from error


def _film(container: av.container.InputContainer) -> int:
    """The number, among its video streams, of the one that is the film."""
    films = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    name = repr(container.name.removeprefix("file:"))
    if not films:
        raise FilmError(f"{name} has sound or text, but no pictures that move. Name a film.")
    known = [stream for stream in films if stream.codec_context]
    if not known:
        raise FilmError(f"{name} is packed in a way that ffmpeg does not know. Convert it to MP4.")
    best = max(known, key=lambda stream: (bool(stream.disposition & Disposition.default), stream.width * stream.height))
    if best.codec_context.name in _TEXT or "_pipe" in container.format.name or container.format.name == "image2":
        raise FilmError(f"{name} is no film but a text or a picture. Name a film, or a folder of pictures.")
    return container.streams.video.index(best)


def _decoder(film: av.VideoStream) -> av.VideoCodecContext:
    """ffmpeg's usual one, but where that would leave out the transparency which a WebM says it has."""
    name = _CLEAR.get(film.codec_context.codec.canonical_name)
    said = {name.lower(): text for name, text in film.metadata.items()}
    if not name or said.get("alpha_mode") != "1":
        return film.codec_context
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    return decoder


def clock(stream: av.stream.Stream) -> Fraction:
    """Seconds of one tick of a stream."""
    return stream.time_base or _MICROSECOND


def _origin(container: av.container.InputContainer, film: av.VideoStream) -> Fraction | None:
    """Where the earliest stream begins, as ffmpeg's own programs take it; 0 where one begins at 0 or before it.

    None where the file does not say it of any.
    """
    streams: list[av.stream.Stream] = [*container.streams.video, *container.streams.audio]
    starts = [stream.start_time * clock(stream) for stream in streams if stream.start_time is not None]
    return max(Fraction(0), floor(min(starts) / clock(film)) * clock(film)) if starts else None


def _rate(container: av.container.InputContainer, film: av.VideoStream) -> Fraction:
    """Frames a second. Of what has no times the average is a mere habit; there its codec knows better."""
    known = film.average_rate, film.guessed_rate
    return next(filter(None, reversed(known) if container.format.flags & _TIMELESS else known), _RATE)


def _duration(container: av.container.InputContainer, film: av.VideoStream) -> Fraction | None:
    if film.duration:
        return film.duration * clock(film)
    return container.duration * _MICROSECOND if container.duration else None


def _end(film: av.VideoStream) -> Fraction | None:
    """When a stream ends, by its clock; None where the file does not say it of the stream itself."""
    return None if not film.duration else ((film.start_time or 0) + film.duration) * clock(film)


def _ending(moments: Iterator[Moment], end: Fraction) -> Iterator[Moment]:
    """The moments; the last one lasts until `end`, where one in the file lasts as long.

    In MP4 a time belongs to the last frame that is decoded, which may be shown before others. A longer one is missing
    frames.
    """
    longest = Fraction(0)
    last: Moment | None = None
    for moment in moments:
        longest = max(longest, moment.duration or longest)
        if last:
            yield last
        last = moment
    if last:
        left = end - last.time
        yield replace(last, duration=left) if 0 < left <= longest else last
