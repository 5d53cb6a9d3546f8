"""`impasto train`: folders of photos and of paintings -> a network that paints in one pass."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from impasto.cli.display import Lines, duration, silent, tell_stopped
from impasto.cli.flags import SWITCH, takes
from impasto.cli.interrupts import PatientInterrupts
from impasto.cli.ready import get_ready
from impasto.cli.watchers import check_ending, check_unfinished
from impasto.cli.words import say
from impasto.errors import MissingExtraError
from impasto.settings import TrainSettings

if TYPE_CHECKING:
    from impasto.training.report import Report

_WEIGHTS = Group("Weights", sort_key=0)


@takes(TrainSettings)
def train(
    *folders: Annotated[Path, Parameter(name="PHOTOS", required=True, help="Folders of photos.")],
    styles: Annotated[
        tuple[Path, ...],
        Parameter(
            group=_WEIGHTS,
            negative=(),
            consume_multiple=True,
            help="Folders of paintings, each drawn from equally often; or one picture, for a network of that style.",
        ),
    ],
    output: Annotated[
        Path, Parameter(name=("--output", "-o"), group=_WEIGHTS, help="The weights to write, as .safetensors.")
    ],
    quiet: Annotated[bool, SWITCH, Parameter(group=_WEIGHTS, help="Say nothing but errors.")] = False,
    **settings: Any,
) -> int:
    """Trains the network, and returns the exit code."""
    chosen = TrainSettings.checked(settings)
    check_ending(output, (".safetensors",))
    check_unfinished(output, output.with_suffix(".sheet.png"))
    quiet = quiet or int(os.environ.get("RANK", "0")) > 0  # of several processes the first one speaks
    with PatientInterrupts() as interrupts:
        if not all(map(find_spec, ("accelerate", "tensorboard"))):
            raise MissingExtraError("impasto train", "train")
        from impasto.training.feedforward import train as begin

        get_ready(quiet)
        try:
            begin(folders, styles, output, chosen, silent if quiet else Lines(line_of, wait=0), interrupts.stop)
        except KeyboardInterrupt:
            tell_stopped(output)
            return interrupts.exit_code
    if not quiet:
        say(f"{output}: give it as --painter, with --preset fast.")
    return 0


def line_of(report: "Report") -> str:
    """How a training run stands, in a line."""
    losses = " ".join(f"{name} {loss:.3f}" for name, loss in report.losses.items())
    times = f"{duration(report.elapsed)}, {duration(report.remaining)} left"
    return f"step {report.step}, {report.share:.1%}  {times}  {losses}"
