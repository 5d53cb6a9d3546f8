"""PyAV, which carries ffmpeg, and its errors in our words. No other file imports it from elsewhere."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto.errors import MissingExtraError

try:
    import av
    from av.sidedata.sidedata import Type as SideData
    from av.stream import Disposition
except ImportError:
    raise MissingExtraError("a film", "video") from None

if TYPE_CHECKING:
    Packet = av.Packet[Any]
else:
    Packet = av.Packet

__all__ = ["Disposition", "Packet", "SideData", "av", "open_to_read", "open_to_write", "pulled", "reason"]


def open_to_read(path: Path) -> av.container.InputContainer:
    """The film in a file. A list of other films may name files, but nothing on the net. Raises `av.FFmpegError`."""
    return av.open(_url(path), mode="r", options={"protocol_whitelist": "file"}, metadata_errors="replace")


def open_to_write(path: Path, muxer: str, options: Mapping[str, str]) -> av.container.OutputContainer:
    """A new film in a file; the same frames always give the same bytes. Raises `av.FFmpegError`."""
    return av.open(_url(path), mode="w", format=muxer, options={"fflags": "+bitexact", **options})


def pulled(graph: av.filter.Graph) -> Iterator[av.VideoFrame]:
    """The frames that have come through the filters of a graph by now."""
    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return


def reason(error: Exception) -> str:
    """Why ffmpeg did not do it, in a few words."""
    return str(getattr(error, "strerror", None) or type(error).__name__)


def _url(path: Path) -> str:
    return f"file:{path}"  # else what stands before a colon would be taken for a protocol
