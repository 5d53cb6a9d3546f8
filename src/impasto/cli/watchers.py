"""What is kept of a run beside its picture: previews while it lasts, then its losses as numbers and as a plot."""

from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from pydantic_core import to_json

from impasto.cli.display import by_role
from impasto.errors import ImpastoError, MissingExtraError, OutputError
from impasto.settings import FileSettings

if TYPE_CHECKING:
    from impasto.engine.progress import Progress
    from impasto.jobs.film import FilmProgress
    from impasto.methods.result import Result

T = TypeVar("T")

PLOT_FORMATS = (".png", ".svg", ".pdf")


def in_turn(*watchers: Callable[[T], object]) -> Callable[[T], None]:
    """One callback that tells them all."""

    def tell(progress: T) -> None:
        for watcher in watchers:
            watcher(progress)

    return tell


class Preview:
    """Rewrites `path` with the picture so far, or a film's last frame: at the first step, then every `seconds`.

    The more a write costs, the rarer it is: it never takes more than a tenth of the run. A preview that cannot be
    written ends the previews, not the run; `failures` then says why.
    """

    def __init__(self, path: Path, settings: FileSettings, seconds: float = 2.0) -> None:
        from impasto.images import check_writable

        self._path = path
        self._settings = settings.model_copy(update={"depth": 8})
        check_writable(path, self._settings)
        self._seconds = seconds
        self._next = 0.0
        self.failures: list[str] = []

    def __call__(self, progress: "Progress | FilmProgress") -> None:
        began = monotonic()
        if began < self._next or self.failures:
            return
        from impasto.images import Picture, write

        try:
            write(Picture(progress.preview), self._path, self._settings)
        except ImpastoError as error:
            self.failures.append(f"no more previews: {error}")
        cost = monotonic() - began
        self._next = monotonic() + max(self._seconds, 9 * cost)


def write_trace(result: "Result", path: Path) -> None:
    """Every loss of every step, with the settings and why the run ended, as JSON (a loss that is no number: null)."""
    from impasto.images import replace_file

    told = {"settings": result.settings, "stopped": result.stopped, "notes": result.notes, "steps": result.trace}
    replace_file(path, to_json(told, indent=2, inf_nan_mode="null"))


def write_plot(result: "Result", path: Path) -> None:
    """The loss and its parts over the steps, in decades; a dotted line where the size changes."""
    from matplotlib.figure import Figure

    from impasto.images import replace_file

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot(xlabel="step", ylabel="loss", yscale="log")
    steps = [entry["step"] for entry in result.trace]
    axes.plot(steps, [entry["loss"] for entry in result.trace], "k", label="all")
    parts = [by_role(entry["losses"]) for entry in result.trace]
    for role in dict.fromkeys(role for part in parts for role in part):
        axes.plot(steps, [part.get(role, float("nan")) for part in parts], label=role)
    for before, entry in zip(result.trace, result.trace[1:], strict=False):
        if before["size"] != entry["size"]:
            axes.axvline(entry["step"], color="gray", linestyle=":")
    axes.legend()
    drawn = BytesIO()
    figure.savefig(drawn, format=path.suffix[1:].lower())
    replace_file(path, drawn.getvalue())


def check_ending(path: Path, endings: tuple[str, ...]) -> None:
    """Raises `OutputError` where the ending of `path` is none of these."""
    if path.suffix.lower() not in endings:
        raise OutputError(f"{str(path)!r} should end in {' or '.join(endings)}. Change its name.")


def check_plot_extra() -> None:
    """Raises `MissingExtraError` where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise MissingExtraError("--plot", "plots")
