"""Packets of sound and subtitles of one film -> packets of another one."""

from fractions import Fraction
from typing import Protocol

from impasto.video.container import clock
from impasto.video.ffmpeg import Packet, av

_BITS = 96_000
"""A second, of a channel of sound that is encoded anew."""
_RATE = 48_000
"""Samples a second, where the encoder does not know those of the film."""
_USUAL = {
    "1 channels": "mono",
    "2 channels": "stereo",
    "3 channels": "3.0",
    "4 channels": "quad",
    "5 channels": "5.0",
    "6 channels": "5.1",
    "7 channels": "6.1",
    "8 channels": "7.1",
}
"""Where the loudspeakers stand, if the film does not say: encoders want to know."""
_KEPT = ("language", "title")


class Carrier(Protocol):
    """Makes of the packets of a stream those of another one."""

    def carried(self, packet: Packet) -> list[Packet]:
        """What the packet becomes. It may be changed. Raises `av.FFmpegError` where it is damaged."""
        ...

    def rest(self) -> list[Packet]:
        """What is still to come after the last one."""
        ...


class Copy:
    """The packets as they are, at times that are `shift` seconds earlier."""

    def __init__(self, stream: av.stream.Stream, output: av.container.OutputContainer, shift: Fraction) -> None:
        self._stream = output.add_stream_from_template(stream)
        _describe(self._stream, stream)
        self._shift = round(shift / clock(stream))
        self._last: int | None = None

    def carried(self, packet: Packet) -> list[Packet]:
        """The packet; nothing where it comes before the one before. Two lines of subtitles may come at once."""
        if packet.dts is None:
            packet.dts = packet.pts
        assert packet.dts is not None
        if self._last is not None and packet.dts < self._last:
            return []
        self._last = packet.dts
        packet.pts = (packet.dts if packet.pts is None else packet.pts) - self._shift
        packet.dts -= self._shift
        packet.stream = self._stream
        return [packet]

    def rest(self) -> list[Packet]:
        """Nothing."""
        return []


class Encoding:
    """Sound decoded and encoded anew, at times that are `shift` seconds earlier."""

    def __init__(
        self, stream: av.AudioStream, encoder: str, output: av.container.OutputContainer, shift: Fraction
    ) -> None:
        known = av.Codec(encoder, "w").audio_rates
        rate = stream.rate if not known or stream.rate in known else _RATE
        new = output.add_stream(encoder, rate=rate)
        assert isinstance(new, av.AudioStream)
        new.layout = _layout(encoder, rate, stream.layout.name)
        new.bit_rate = _BITS * new.layout.nb_channels
        self.mixed = new.layout.nb_channels < stream.layout.nb_channels
        """Whether it has fewer channels than before."""
        _describe(new, stream)
        self._stream = new
        self._decoder = stream.codec_context
        self._shift = shift

    def carried(self, packet: Packet) -> list[Packet]:
        """Packets of the samples that are enough for one."""
        return [new for frame in self._decoder.decode(packet) for new in self._encoded(frame)]

    def rest(self) -> list[Packet]:
        """Packets of the samples that are left."""
        return [*(new for frame in self._decoder.decode(None) for new in self._encoded(frame)), *self._stream.encode()]

    def _encoded(self, frame: av.AudioFrame) -> list[Packet]:
        if frame.pts is not None and frame.time_base:
            frame.pts -= round(self._shift / frame.time_base)
        return self._stream.encode(frame)


def _layout(encoder: str, rate: int, name: str) -> str:
    """Where the loudspeakers of a film stand or, if the encoder does not know that, those that come nearest."""
    name = _USUAL.get(name, name)
    behind = name.removesuffix("(side)")  # what stands at the sides for one stands behind for others
    return next((each for each in (name, behind) if _opens(encoder, rate, each)), "stereo")


def _opens(encoder: str, rate: int, layout: str) -> bool:
    """Whether an encoder takes the sound of such loudspeakers: it says so only when it is to begin."""
    context = av.CodecContext.create(encoder, "w")
    assert isinstance(context, av.AudioCodecContext)
    assert context.codec.audio_formats
    context.layout, context.sample_rate, context.format = layout, rate, context.codec.audio_formats[0]
    try:
        context.open()
    except av.FFmpegError:
        return False
    return True


def _describe(new: av.stream.Stream, old: av.stream.Stream) -> None:
    """Whose language it is, and whether players take it without being asked."""
    new.metadata.update({name: value for name, value in old.metadata.items() if name in _KEPT})
    new.disposition = old.disposition
