"""What a person sees of a run: a bar on a terminal, now and then a line in a log file."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Column

from impasto.cli.words import say

if TYPE_CHECKING:
    from impasto.engine.progress import Progress

T = TypeVar("T")

_EVERY = 10.0
"""Seconds from a line to the next."""
_ROLES = ("content", "protected", "style", "tv", "chroma", "temporal")
"""Of losses: the first words of their names."""


def display(quiet: bool) -> "AbstractContextManager[Callable[[Progress], object]]":
    """The callback that shows the progress of the run inside this context."""
    return watched(quiet, _Redrawn, _line)


@contextmanager
def watched(
    quiet: bool, redrawn: Callable[[Bar], Callable[[T], object]], line: Callable[[T], str]
) -> Iterator[Callable[[T], object]]:
    """The callback of a run: nothing where it is `quiet`, on a terminal a bar that is `redrawn`, else lines."""
    console = Console(stderr=True)
    if quiet:
        yield silent
    elif console.is_terminal and not console.is_dumb_terminal:
        with Bar(*_columns(), console=console, expand=True, transient=True, refresh_per_second=5) as bar:
            yield redrawn(bar)
    else:
        yield Lines(line)


def _columns() -> Iterator[ProgressColumn]:
    """What is told comes last, in what a terminal leaves for it: all else would vanish from a narrow one."""
    yield SpinnerColumn()
    yield TextColumn("{task.description}", table_column=Column(min_width=9))
    yield BarColumn(bar_width=12)
    yield TextColumn("{task.fields[told]}", table_column=Column(ratio=1, no_wrap=True))


def by_role(losses: dict[str, float]) -> dict[str, float]:
    """`{"style relu1_1": 1, "style relu2_1": 2, "tv": 3}` as `{"style": 3, "tv": 3}`, in the order of `_ROLES`."""
    return {
        role: sum(loss for name, loss in losses.items() if name.split()[0] == role)
        for role in _ROLES
        if any(name.split()[0] == role for name in losses)
    }


def duration(seconds: float) -> str:
    """`75` as `1:15`, `3675` as `1:01:15`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class _Redrawn:
    """One line of a terminal, redrawn by rich a few times a second, however fast the steps are.

    What a narrow terminal cuts off is the end: the parts of the loss.
    """

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("loading", total=None, told="")

    def __call__(self, progress: "Progress") -> None:
        self._bar.update(
            self._task,
            description=_size(progress),
            total=progress.steps,
            completed=progress.step,
            told=f"{progress.step}/{progress.steps}  {_times(progress)}  {_losses(progress)}",
        )


def silent(*_: object) -> None:
    """The callback of a command that is to be quiet."""


def tell_picture(number: int, count: int, name: str) -> None:
    """Says which of several pictures is begun."""
    say(f"picture {number} of {count}: {name}")


class Lines(Generic[T]):
    """A line now and then, in the words of `line`: for log files and pipes."""

    def __init__(self, line: Callable[[T], str], first: float = _EVERY) -> None:
        """The first line comes after so many seconds."""
        self._line = line
        self._next = monotonic() + first

    def __call__(self, progress: T) -> None:
        if monotonic() >= self._next:
            self._next = monotonic() + _EVERY
            say(self._line(progress))


def _line(progress: "Progress") -> str:
    steps = f"step {progress.step} of {progress.steps}"
    return f"{_size(progress)}  {steps}  {_times(progress)}  {_losses(progress)}"


def _size(progress: "Progress") -> str:
    height, width = progress.size
    return f"{width}×{height}"


def _losses(progress: "Progress") -> str:
    if not progress.losses:
        return "painted"
    parts = ", ".join(f"{role} {loss:.3g}" for role, loss in by_role(progress.losses).items())
    return f"loss {progress.loss:.4g} ({parts})"


def _times(progress: "Progress") -> str:
    return f"{duration(progress.elapsed)}, {duration(progress.remaining)} left"
