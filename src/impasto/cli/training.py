"""What the commands that train have in common."""

from pathlib import Path
from typing import TYPE_CHECKING

from impasto.cli.display import duration
from impasto.cli.words import say
from impasto.errors import OutputError
from impasto.training.beside import checkpoint_of

if TYPE_CHECKING:
    from impasto.training.report import Report


def check_unfinished(output: Path, *beside: Path) -> None:
    """Raises `OutputError` where a training run would begin anew, and replace what another one made."""
    for path in () if checkpoint_of(output).exists() else (output, *beside):
        if path.exists():
            raise OutputError(f"{str(path)!r} is there already, and finished. Name another output, or move it away.")


def tell_stopped(output: Path) -> None:
    """Says how a training that was stopped goes on."""
    kept = checkpoint_of(output).exists()
    told = "the same command goes on from the last checkpoint" if kept else "it had only just begun"
    say(f"stopped: {told}")


def line_of(report: "Report") -> str:
    """How the training of a network that paints stands, in a line."""
    losses = " ".join(f"{name} {loss:.3f}" for name, loss in report.losses.items())
    return f"step {report.step}, {report.share:.1%}  {times_of(report)}  {losses}"


def times_of(report: "Report") -> str:
    """`1:15, 2:30 left`."""
    return f"{duration(report.elapsed)}, {duration(report.remaining)} left"
