"""What a person sees of a film that is painted: a bar on a terminal, now and then a line in a log file."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from rich.progress import Progress as Bar

from impasto.cli.display import duration, watched

if TYPE_CHECKING:
    from impasto.jobs.film import FilmProgress


def film_display(quiet: bool) -> "AbstractContextManager[Callable[[FilmProgress], object]]":
    """The callback that shows the progress of the run inside this context."""
    return watched(quiet, _redrawn, _line)


def _redrawn(bar: Bar) -> "Callable[[FilmProgress], object]":
    task = bar.add_task("loading", total=None, told="")

    def show(progress: "FilmProgress") -> None:
        bar.update(
            task,
            description=_frames(progress),
            total=progress.frames,
            completed=progress.done,
            told=_times(progress),
        )

    return show


def _line(progress: "FilmProgress") -> str:
    return f"{_frames(progress)}  {_times(progress)}"


def _frames(progress: "FilmProgress") -> str:
    known = f" of {progress.frames}" if progress.frames else ""
    return f"frame {progress.done}{known}"


def _times(progress: "FilmProgress") -> str:
    left = "" if progress.remaining is None else f", {duration(progress.remaining)} left"
    rate = f"{progress.rate:.1f} frames a second" if progress.rate >= 0.1 else f"{1 / progress.rate:.0f} s a frame"
    return f"{duration(progress.elapsed)}{left}, {rate}"  # a narrow terminal cuts off the end
