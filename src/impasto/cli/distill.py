"""`impasto distill`: folders of pictures -> a student of VGG-19."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from impasto.cli.display import Lines, silent
from impasto.cli.flags import OUTPUT, Quiet, takes
from impasto.cli.interrupts import PatientInterrupts
from impasto.cli.ready import get_ready
from impasto.cli.training import check_unfinished, tell_stopped, times_of
from impasto.cli.watchers import check_ending
from impasto.cli.words import say
from impasto.settings import DistillSettings

if TYPE_CHECKING:
    from impasto.training.report import Report

_WEIGHTS = Group("Weights", sort_key=0)


@takes(DistillSettings)
def distill(
    *folders: Annotated[Path, Parameter(name="FOLDER", required=True, help="Each is drawn from equally often.")],
    output: Annotated[Path, OUTPUT, Parameter(group=_WEIGHTS, help="The weights to write, as .safetensors.")],
    quiet: Annotated[Quiet, Parameter(group=_WEIGHTS)] = False,
    **settings: Any,
) -> int:
    """Trains the student, and returns the exit code."""
    chosen = DistillSettings.checked(settings)
    check_ending(output, (".safetensors",))
    check_unfinished(output)
    with PatientInterrupts() as interrupts:
        from impasto.training.distill import distill as train

        get_ready(quiet)
        try:
            line = Lines(partial(_line, chosen.steps), first=0)
            errors = train(folders, output, chosen, silent if quiet else line, interrupts.stop)
        except KeyboardInterrupt:
            tell_stopped(output)
            return interrupts.exit_code
    if not quiet:
        say(f"{output}: errors on pictures never seen: {_told(errors)}")
    return 0


def _line(steps: int, report: "Report") -> str:
    return f"step {report.step} of {steps}  {times_of(report)}  {_told(report.losses)}"


def _told(errors: dict[str, float]) -> str:
    return " ".join(f"{layer} {error:.3f}" for layer, error in errors.items())
