"""The films that impasto writes: endings, and the codecs that their files hold, one row each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from impasto.errors import SettingsError, did_you_mean


@dataclass(frozen=True)
class Codec:
    """How frames are packed."""

    name: str
    encoder: str
    """ffmpeg's name of it."""
    pixels: str
    """ffmpeg's name of the pixels that it takes."""
    bytes: float
    """Of a pixel of a painting, packed, at most: a guess from films that were made."""
    crf: int | None = None
    """The usual quality, 0 is the best; None where there is nothing to choose."""
    worst: int = 51
    """The largest crf."""
    even: bool = False
    """Whether sides must be even: an odd one is a pixel longer then, and its last line or column is there twice."""
    tag: str | None = None
    """What MP4 and QuickTime files call it, where ffmpeg's own choice is not what players want."""
    options: Mapping[str, str] = field(default_factory=dict)


# A number of threads that does not depend on the machine: with others, x264 and x265 make another film. x264's usual
# preset takes twice as long as the faster one, for films as large that nobody can tell apart.
CODECS = {
    "h264": Codec("H.264", "libx264", "yuv420p", 0.5, 18, even=True, options={"threads": "4", "preset": "faster"}),
    "hevc": Codec(
        "HEVC",
        "libx265",
        "yuv420p",
        0.5,
        20,
        even=True,
        tag="hvc1",
        options={"x265-params": "log-level=none:pools=4:frame-threads=1"},
    ),
    "vp9": Codec(
        "VP9", "libvpx-vp9", "yuv420p", 0.5, 24, worst=63, options={"b": "0", "threads": "4", "cpu-used": "3"}
    ),
    "prores": Codec("ProRes 422 HQ", "prores_ks", "yuv422p10le", 1, even=True, options={"profile": "hq"}),
    "ffv1": Codec("FFV1", "ffv1", "bgr0", 2.5, options={"level": "3", "slicecrc": "1"}),
    "gif": Codec("GIF", "gif", "pal8", 1),
    "webp": Codec("WebP", "libwebp_anim", "bgra", 0.5, options={"quality": "90"}),
}


@dataclass(frozen=True)
class Container:
    """A kind of file: what it holds, and how ffmpeg writes it."""

    name: str
    suffixes: tuple[str, ...]
    muxer: str
    """ffmpeg's name of it."""
    codecs: tuple[str, ...]
    """Names of `CODECS`, the usual one first."""
    sound: str | None
    """The encoder for sound that cannot be copied as it is; None where there is no sound at all."""
    time_base: Fraction | None = None
    """Seconds in which it counts; None where every film has its own."""
    shortest: int = 1
    """Ticks of its clock that a frame lasts at least: what would be shorter is left out."""
    options: Mapping[str, str] = field(default_factory=dict)


_FAST = {"movflags": "+faststart"}  # a page plays it before it is there as a whole
CONTAINERS = (
    Container("MP4", (".mp4", ".m4v"), "mp4", ("h264", "hevc"), "aac", options=_FAST),
    Container("QuickTime", (".mov",), "mov", ("prores", "h264", "hevc"), "pcm_s16le", options=_FAST),
    Container("Matroska", (".mkv",), "matroska", ("h264", "hevc", "vp9", "ffv1"), "aac"),
    Container("WebM", (".webm",), "webm", ("vp9",), "libopus"),
    # Browsers and players take a hundredth of a second for a tenth.
    Container("GIF", (".gif",), "gif", ("gif",), None, Fraction(1, 100), shortest=2),
    Container("WebP", (".webp",), "webp", ("webp",), None, Fraction(1, 1000), options={"loop": "0"}),
)


@dataclass(frozen=True)
class FilmFormat:
    """A container and the codec that was chosen for it."""

    container: Container
    codec: Codec
    crf: int | None


def film_format(path: Path, codec: str | None = None, crf: int | None = None) -> FilmFormat | None:
    """What the ending of `path` and the codec stand for; None for a folder of PNG: one that is there, or no ending.

    Raises `SettingsError` for an ending, a codec or a crf that does not fit.
    """
    suffix = path.suffix.lower()
    if path.is_dir() or not suffix:
        if codec is not None or crf is not None:
            raise SettingsError(f"{str(path)!r} is a folder of PNG, without a codec or crf. Leave them out.")
        return None
    containers = {suffix: container for container in CONTAINERS for suffix in container.suffixes}
    if suffix not in containers:
        raise SettingsError(f"{str(path)!r} does not end like a film to write: {', '.join(containers)}, or a folder.")
    container = containers[suffix]
    name = codec or container.codecs[0]
    if name not in container.codecs:
        hint = " Leave --codec out." if name in CODECS else did_you_mean(name, container.codecs)
        raise SettingsError(f"codec {name!r} does not go into {container.name}.{hint}")
    chosen = CODECS[name]
    if crf is not None and chosen.crf is None:
        raise SettingsError(f"crf: {chosen.name} has no such setting. Leave it out, or choose another ending or codec.")
    if crf is not None and not 0 <= crf <= chosen.worst:
        raise SettingsError(f"crf: should be between 0, the best, and {chosen.worst} for {chosen.name} (got {crf})")
    return FilmFormat(container, chosen, chosen.crf if crf is None else crf)
