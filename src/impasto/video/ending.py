"""Whether a film goes on to the end that its file says: of a copy that was broken off ffmpeg says nothing."""

from fractions import Fraction
from pathlib import Path

from impasto.video.ffmpeg import Packet, av

_LEAST = Fraction(1, 2)
"""Seconds that are missing at least of a film that is cut short: less is rounded, or the habit of a program."""
_ADVICE = "it may be cut short: get it again."
_OF_ALL = {"matroska", "flv"}
"""Formats that say when the last of their streams ends, which may be the sound."""
_SYNC = 0x47
_TS_PACKETS = ((188, 188), (188, 192), (204, 204))
"""Bytes from the end of an MPEG-TS file to where its last packet begins, and from each packet to the next."""
_TS_LOOKED_AT = 5
"""Packets before the end of an MPEG-TS file that must be where they should."""


class Ending:
    """Follows the packets of one pass through a film to its end."""

    def __init__(self, container: av.container.InputContainer, film: av.VideoStream) -> None:
        """`film` is the stream of the frames."""
        self._path = Path(container.name.removeprefix("file:"))
        self._format = container.format.name.partition(",")[0]
        self._film = film.index
        self._says = _said(container, film, self._format)
        self.streams: list[av.stream.Stream] = [film]
        """Those whose packets must be told, in the order of the file."""
        if self._format in _OF_ALL:
            self.streams = [*container.streams]
        self._reached = Fraction(0)
        self._last: Fraction | None = None
        self._longest = Fraction(0)

    def add(self, packet: Packet) -> None:
        """Takes the next packet."""
        shown = packet.dts if packet.pts is None else packet.pts
        if shown is None or not packet.time_base:
            return
        self._reached = max(self._reached, (shown + (packet.duration or 0)) * packet.time_base)
        if packet.stream_index == self._film and packet.dts is not None:
            decoded = packet.dts * packet.time_base
            self._longest = max(self._longest, decoded - (decoded if self._last is None else self._last))
            self._last = decoded

    @property
    def note(self) -> str | None:
        """What the user should know once the last packet was there; None where all is as it should be."""
        if self._format == "mpegts" and not _ends_with_a_packet(self._path):
            return f"the file ends in the middle of a packet; {_ADVICE}"
        missing = self._says - self._reached
        # Where frames stay for long, the last one may do so, and not every file says for how long.
        if missing <= max(_LEAST, self._longest):
            return None
        return f"the film ends {float(missing):.1f} s before the time that its file says; {_ADVICE}"


def _said(container: av.container.InputContainer, film: av.VideoStream, format: str) -> Fraction:
    """When the film ends as its file says, by its clock; 0 where it does not say, or ffmpeg guesses."""
    clock = film.time_base or Fraction(0)
    length = Fraction(container.duration or 0, av.time_base)
    if format == "avi":  # where the file is short, ffmpeg makes the duration so, but not the number of frames
        return film.frames * clock
    if format == "mov" and film.duration:
        start = Fraction(container.start_time or 0, av.time_base)
        return min(((film.start_time or 0) + film.duration) * clock, start + length)
    if format in _OF_ALL and film.duration is None:  # else it was guessed from the rate of bits
        return length
    return Fraction(0)


def _ends_with_a_packet(path: Path) -> bool:
    """Whether an MPEG-TS file ends where a packet does; true where that cannot be told."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 204 * _TS_LOOKED_AT))
            end = file.read()
    except OSError:
        return True
    if len(end) < 204 * _TS_LOOKED_AT:
        return True
    return any(
        all(end[-last - number * step] == _SYNC for number in range(_TS_LOOKED_AT)) for last, step in _TS_PACKETS
    )
