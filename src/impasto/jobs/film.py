"""A film by a call of Python, and what is told of it; it is carried out in `paint_film`, which needs an extra."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from impasto.errors import SettingsError
from impasto.jobs.film_job import FilmJob
from impasto.methods.film import pixels_of
from impasto.motion import Frame
from impasto.settings import FilmSettings


@dataclass(frozen=True)
class FilmProgress:
    """A finished frame."""

    done: int
    """Frames, with those of earlier runs."""
    frames: int | None
    """In all, about; None where nobody knows."""
    elapsed: float
    """Seconds since this run began."""
    rate: float
    """Frames a second of this run; 0 until there are some."""
    painting: Frame = field(repr=False)
    """(H, W, 3)."""

    @property
    def preview(self) -> Tensor:
        """The painting, (1, 3, H, W) in [0, 1]."""
        return pixels_of(self.painting)

    @property
    def remaining(self) -> float | None:
        """Seconds left, estimated."""
        return None if self.frames is None or not self.rate else max(0, self.frames - self.done) / self.rate


OnFilmProgress = Callable[[FilmProgress], object]


@dataclass(frozen=True)
class FilmResult:
    """What has become of a request."""

    output: Path
    frames: int
    shape: tuple[int, int]
    """(height, width) in pixels."""
    seconds: float
    """That this run took."""
    stopped: Literal["painted", "interrupted"]
    notes: list[str]
    """What the user should know, a line each."""


def stylize_film(
    film: str | Path,
    *styles: str | Path,
    output: str | Path,
    on_progress: OnFilmProgress = lambda _: None,
    resume: bool = False,
    **settings: Any,
) -> FilmResult:
    """`film` painted in the look of `styles`, and written to `output`.

    The other keywords are the fields of `FilmSettings`: `impasto.stylize_film("clip.mp4", "wave.jpg",
    output="out.mp4", strength=0.7)`. `resume` goes on with a run that was broken off.

    Raises `ImpastoError` (one line, what to do) for a bad film, picture, setting, network or device.
    """
    if not styles:
        raise SettingsError("no style picture given. Pass one or more after the film.")
    chosen = FilmSettings.checked(settings)
    try:
        source, target, *looks = map(Path, (film, output, *styles))
    except TypeError as error:
        raise SettingsError(
            f"film, styles and output are paths ({error}). Save what is in memory to a file, and name that."
        ) from error
    job = FilmJob(film=source, styles=tuple(looks), output=target, settings=chosen)
    from impasto.jobs.paint_film import paint_film

    return paint_film(job, on_progress, resume)
