"""How films are painted, beside all that counts for a picture."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from impasto.settings.base import Name, Settings, comma_list, readable
from impasto.settings.preset import Preset
from impasto.settings.regions import Protected, several
from impasto.settings.stylize import StylizeSettings

_LONGEST = 1e6
"""What a time may begin with, in hours, minutes or seconds: much later there are no numbers for it in a film."""


def parse_time(text: str) -> float:
    """Seconds of `"90"`, `"1:30"`, `"0:01:30.5"`. Raises `ValueError` for anything else."""
    parts = text.strip().split(":")
    try:
        numbers = [float(part) if place == len(parts) - 1 else int(part) for place, part in enumerate(parts)]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or not all(
        0 <= number < (_LONGEST if not place else 60) for place, number in enumerate(numbers)
    ):
        raise ValueError("write seconds, or minutes and seconds, such as 90 or 1:30.5")
    return float(sum(number * 60**place for place, number in enumerate(reversed(numbers))))


def parse_style_at(text: str) -> tuple[float, str]:
    """Seconds and style of `"0:05=wave.jpg"`. Raises `ValueError` for anything else."""
    time, sign, style = text.partition("=")
    if not sign or not style.strip():
        raise ValueError("write a time and a style, such as 0:05=wave.jpg")
    return parse_time(time), style.strip()


def parse_steps_back(text: str) -> tuple[int, ...]:
    """The numbers of `"1,10"`, in their order. Raises `ValueError` for anything but different numbers from 1 to 100."""
    try:
        steps = tuple(sorted(int(part) for part in text.split(",")))
    except ValueError:
        steps = ()
    if not steps or len({*steps}) < len(steps) or not 1 <= steps[0] <= steps[-1] <= 100:
        raise ValueError("write numbers of frames from 1 to 100 with commas between them, such as 1,10")
    return steps


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Time = Annotated[str, BeforeValidator(_as_text), readable(lambda text: text and parse_time(text))]
"""Of a film; empty for none."""


class FilmFileSettings(Settings):
    """Which part of a film is painted, and how the result is written."""

    start: Time = ""
    """Begin at this time of the film, with what is on then: seconds, or 1:30."""

    end: Time = ""
    """End at this time of the film."""

    fps: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Frames a second: some of the film's are left out, or repeated. Default: its own, exactly as they come. Of a
    folder of frames, how fast they follow each other: 25 by default."""

    codec: Literal["h264", "hevc", "vp9", "prores", "ffv1"] | None = None
    """How the film is packed. Default: what its ending stands for."""

    crf: Annotated[int, Field(ge=0, le=63)] | None = None
    """Quality of the packed film: lower is better and larger. Default: the codec's, 18 for H.264."""

    @property
    def part(self) -> tuple[float, float | None]:
        """Seconds at which the part begins, and those at which it ends; None for the film's own end."""
        return parse_time(self.start or "0"), parse_time(self.end) if self.end else None


class SteadySettings(Settings):
    """How a film is kept steady."""

    steadiness: Annotated[float, Field(ge=0, le=0.99)] = 0.9
    """How much of a painting is carried on to the next one, where both show the same: 0 paints each by itself."""

    paint_every: Literal[1, 2, 3] = 3
    """Paint every third frame (3) or second one (2), and make those between from the paintings around them, wherever
    these show nearly all of them; or every frame (1). In one pass only."""

    steps_back: Annotated[str, BeforeValidator(comma_list), readable(parse_steps_back)] = "1,10"
    """Frames that a search looks back at: what was hidden in the last one may have been seen in an earlier one."""

    next_iterations: Annotated[int, Field(ge=1, le=1_000_000)] = 8
    """Steps of a search for each frame after the first of a shot: it begins with the painting before."""

    style_at: Annotated[tuple[Annotated[Name, readable(parse_style_at)], ...], BeforeValidator(several)] = ()
    """A time of the film and the STYLE that it has reached then, such as 0:05=wave.jpg; in between, styles blend. For
    several, each with the flag before it."""


_FIXED: dict[str, tuple[Any, str]] = {
    "depth": (8, "films have 8 bits a channel"),
    "brushes": (1, "films are painted with one size of strokes"),
    "seconds": (None, "a film that depends on the clock could not go on where it was broken off"),
}
"""Settings of pictures that have one value only in films, and why."""


class FilmSettings(SteadySettings, FilmFileSettings, StylizeSettings):
    """All settings of a film: those of a picture, and what only films have."""

    hidden: ClassVar = frozenset({*_FIXED, "quality"})
    of_a_search: ClassVar = StylizeSettings.of_a_search | {"next_iterations", "steps_back"}
    unseen: ClassVar = StylizeSettings.unseen | {"codec", "crf", "workers"}

    preset: Preset = "fast"
    """How much time to take: fast (one pass), or draft, standard or best, which search for each frame. Sets what is not
    set by hand."""

    method: Literal["iterative", "feedforward"] = "feedforward"
    """Search for every frame step by step (iterative), or paint it in one pass of a network (feedforward)."""

    size: Annotated[int, Field(ge=16, le=65536)] | Literal["original"] = "original"
    """Longer side of the result in pixels, or original for the film's own size. The shape is always the film's."""

    workers: Annotated[int, Field(ge=1, le=256)] | Literal["auto"] = "auto"
    """Shots that are painted side by side, each by a process of its own with its share of the processor's threads.
    auto: one for each GPU, and on the processor one for every eight threads."""

    brushes: int = 1
    """Sizes of strokes in one pass: the frames of a film are painted at their own size alone."""

    mask: Name = ""
    """Where to paint: a gray FILE, where it is light, or a map in pure colors, whose regions are painted from those of
    the same colors in --style-mask; or a folder of them, one for each painted frame, whatever --start and --fps say,
    in the order of their names."""

    protect: Protected = ""
    """Keep nearer to the film: what is light in a gray FILE, or in a folder of them, one for each painted frame; or
    none."""

    @field_validator(*_FIXED)
    @classmethod
    def _fixed(cls, value: Any, field: ValidationInfo) -> Any:
        only, reason = _FIXED[field.field_name or ""]
        if value != only:
            raise ValueError(f"{reason}; leave it out")
        return value

    @field_validator("mask", "protect")
    @classmethod
    def _nothing_found(cls, value: str) -> str:
        if value in ("auto", "faces"):
            raise ValueError("what is found in each frame anew would flicker; give a file, or a folder of masks")
        return value
