"""Where the clock of a film is set back: recordings that were put together in one file, one behind the other."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from impasto.video.ffmpeg import av

_BACK = Fraction(1, 10)
"""Seconds by which a clock is set back at least: less is the order of decoding, or a fault of a packet."""
_MAY_BREAK = 0x0200
"""AVFMT_TS_DISCONT: ffmpeg's mark of formats whose clock may be set back."""


class Packed(NamedTuple):
    """When a packet is decoded, when it is shown, and when that ends: seconds, by the clock of its stream."""

    decoded: Fraction
    shown: Fraction
    ends: Fraction


class Continued:
    """Brings the times of one stream, in their order, onto the clock of the film's first part."""

    def __init__(self, later: Sequence[Fraction]) -> None:
        """`later` are seconds by which each part but the first comes later than its own times say."""
        self._later = [Fraction(0), *later]
        self._part = 0
        self._last: Fraction | None = None

    def __call__(self, time: Fraction) -> Fraction:
        """The seconds to be added to a time, which is of the same part as the one before, or begins the next."""
        if (
            self._last is not None
            and time + self._later[self._part] < self._last - _BACK
            and self._part + 1 < len(self._later)
        ):
            self._part += 1
        self._last = time + self._later[self._part]
        return self._later[self._part]


def breaks(container: av.container.InputContainer, usual: Fraction) -> tuple[list[Fraction], Fraction]:
    """By how many seconds each part but the first comes later, and when the last one ends, by the first one's clock.

    `usual` seconds is how long a packet lasts that does not say. Reads the film to its end, without decoding; films of
    formats whose clock is never set back are not read.
    """
    if not container.format.flags & _MAY_BREAK:
        return [], Fraction(0)
    streams = defaultdict(list)
    try:
        for packet in container.demux([*container.streams.video, *container.streams.audio]):
            if packet.dts is not None and packet.time_base:
                shown = packet.dts if packet.pts is None else packet.pts
                lasts = packet.duration * packet.time_base if packet.duration else usual
                start = shown * packet.time_base
                streams[packet.stream_index].append(Packed(packet.dts * packet.time_base, start, start + lasts))
    except av.FFmpegError:
        pass  # what can be read of it counts
    parts = [[*_parts(stream)] for stream in streams.values()]
    later, end = [Fraction(0)], Fraction(0)
    for number in range(max(map(len, parts), default=0)):
        here = [each for each in parts if number < len(each)]
        if number:
            later.append(later[-1] + max(each[number - 1].ends - each[number].shown for each in here))
        end = later[-1] + max(each[number].ends for each in here)
    return later[1:], end


def _parts(packets: Sequence[Packed]) -> Iterator[Packed]:
    """Each part of a stream as one: its first time, and its last."""
    begins = 0
    for number in range(2, len(packets) - 1):
        before = min(each.decoded for each in packets[number - 2 : number])
        after = max(each.decoded for each in packets[number : number + 2])
        # A single packet that is out of place is damaged.
        if number - begins >= 2 and after < before - _BACK:
            yield _whole(packets[begins:number])
            begins = number
    if packets:
        yield _whole(packets[begins:])


def _whole(packets: Sequence[Packed]) -> Packed:
    return Packed(packets[0].decoded, min(each.shown for each in packets), max(each.ends for each in packets))
