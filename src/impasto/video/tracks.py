"""Sound and subtitles of a film, on their way into another one."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from itertools import islice
from math import ceil, floor
from pathlib import Path

from impasto.video.breaks import Continued
from impasto.video.carrying import Carrier, Copy, Encoding
from impasto.video.container import ContainerSource, clock
from impasto.video.ffmpeg import Packet, av, open_to_read
from impasto.video.formats import Container
from impasto.video.reading import Film

_APART = 10
"""Seconds that packets of one time may lie apart in a file."""
_LOOKED_AT, _TRIED = 2000, 8
"""Packets of a film that are read to find those of one stream, and of these the ones that a new file is tried with."""


class Tracks:
    """What comes with the frames of a film: each stream is copied, packet by packet, wherever a file can hold it."""

    def __init__(self, film: Film, container: Container, output: av.container.OutputContainer) -> None:
        """Adds to `output` a stream for each of the film's. Raises `FilmError`."""
        self.notes: list[str] = []
        """What was left out, or had to be encoded anew."""
        self._film = film
        self._carriers: dict[int, Carrier] = {}
        self._waiting: tuple[Fraction, Packet] | None = None
        self._packets: Iterator[tuple[Fraction, Packet]] = iter(())
        source = film.source
        if isinstance(source, ContainerSource):
            self._shift, self._later = source.origin + film.offset, source.later
            input = open_to_read(source.path)
            for stream in (*input.streams.audio, *input.streams.subtitles):
                if carrier := self._carrier(source, stream, container, output):
                    self._carriers[stream.index] = carrier
            self._packets = self._carried(input)

    def until(self, time: Fraction | None) -> Iterator[Packet]:
        """The packets not yet given, up to `time` in seconds; all of them without one."""
        while due := self._waiting or next(self._packets, None):
            self._waiting = due
            if time is not None and due[0] > time:
                return
            self._waiting = None
            yield due[1]

    def _carrier(
        self,
        source: ContainerSource,
        stream: av.stream.Stream,
        container: Container,
        output: av.container.OutputContainer,
    ) -> Carrier | None:
        codec = stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"
        what = f"{container.name} holds no {codec} {'sound' if stream.type == 'audio' else 'subtitles'}"
        if container.sound and _holds(container, source.path, stream):
            return Copy(stream, output, self._shift)
        if container.sound and isinstance(stream, av.AudioStream) and codec != "unknown":
            encoding = Encoding(stream, container.sound, output, self._shift)
            how = "mixed down to stereo and encoded anew" if encoding.mixed else "encoded anew"
            self.notes.append(f"{what}: it was {how}. Write .mkv to keep it as it is.")
            return encoding
        remedy = "" if container.muxer == "matroska" else " Write .mkv to keep it."
        self.notes.append(f"{what}: left out.{remedy}")
        return None

    def _carried(self, input: av.container.InputContainer) -> Iterator[tuple[Fraction, Packet]]:
        """The new packets, each with its time."""
        with input:
            for packet in self._chosen(input):
                with suppress(av.FFmpegError):  # a damaged packet costs itself, not the film
                    yield from _timed(self._carriers[packet.stream_index].carried(packet))
            for carrier in self._carriers.values():
                with suppress(av.FFmpegError):
                    yield from _timed(carrier.rest())

    def _chosen(self, input: av.container.InputContainer) -> Iterator[Packet]:
        """The packets between the film's start and end. Where the file is damaged they are those before that."""
        with suppress(av.FFmpegError):
            if self._film.offset > _APART and not self._later:
                input.seek(int((self._shift - _APART) * av.time_base))
            continued = {index: Continued(self._later) for index in self._carriers}
            for packet in input.demux([input.streams[index] for index in self._carriers]) if self._carriers else ():
                stamp = packet.dts if packet.pts is None else packet.pts
                if stamp is None or not packet.size:
                    continue
                time = stamp * clock(packet.stream)
                later = continued[packet.stream_index](time)
                _put_off(packet, later)
                time += later - self._shift
                end = None if self._film.end is None else self._film.end - self._film.offset  # it may be cut short
                if end is not None and time >= end + _APART:
                    return
                if packet.stream.type == "subtitle":
                    time = _cut(packet, time, Fraction(0) if self._film.offset else time, end)
                # What sounds before the first frame belongs to the film, unless it was cut off with frames.
                if (time >= 0 or not self._film.offset) and (end is None or time < end):
                    yield packet


def _put_off(packet: Packet, seconds: Fraction) -> None:
    """The packet, so many seconds later."""
    ticks = round(seconds / clock(packet.stream))
    packet.pts = None if packet.pts is None else packet.pts + ticks
    packet.dts = None if packet.dts is None else packet.dts + ticks


def _cut(packet: Packet, time: Fraction, start: Fraction, end: Fraction | None) -> Fraction:
    """Leaves of a subtitle that is shown from `time` on what is seen of it between `start` and `end`; when it comes.

    One that is not seen there at all stays as it is.
    """
    tick, lasts = clock(packet.stream), packet.duration or 0
    early = max(0, ceil((start - time) / tick))
    if early >= lasts:
        return time
    _put_off(packet, early * tick)
    time += early * tick
    packet.duration = lasts - early
    if end is not None and time < end:
        packet.duration = max(1, min(packet.duration, floor((end - time) / tick)))
    return time


def _timed(packets: list[Packet]) -> Iterator[tuple[Fraction, Packet]]:
    for packet in packets:
        stamp = packet.pts if packet.dts is None else packet.dts
        yield (stamp or 0) * packet.time_base, packet


def _holds(container: Container, path: Path, stream: av.stream.Stream) -> bool:
    """Whether such a file can hold the stream as it is: a small one with its first packets is made to see."""
    try:
        with open_to_read(path) as film, av.open(BytesIO(), mode="w", format=container.muxer) as trial:
            copy = Copy(stream, trial, Fraction(0))
            trial.start_encoding()
            first = (packet for packet in islice(film.demux(), _LOOKED_AT) if packet.stream_index == stream.index)
            for packet in islice(first, _TRIED):
                if packet.size and (packet.pts is not None or packet.dts is not None):
                    trial.mux(copy.carried(packet))
    except (av.FFmpegError, ValueError):
        return False
    return True
