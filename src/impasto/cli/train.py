"""`impasto train`: folders of photos and of paintings -> a network that paints in one pass."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from impasto.cli.display import Lines, silent
from impasto.cli.flags import OUTPUT, Quiet, takes
from impasto.cli.interrupts import PatientInterrupts
from impasto.cli.ready import get_ready
from impasto.cli.training import check_unfinished, line_of, tell_stopped
from impasto.cli.watchers import check_ending
from impasto.cli.words import say
from impasto.errors import MissingExtraError
from impasto.settings import TrainSettings
from impasto.training.beside import sheet_of

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
    output: Annotated[Path, OUTPUT, Parameter(group=_WEIGHTS, help="The weights to write, as .safetensors.")],
    quiet: Annotated[Quiet, Parameter(group=_WEIGHTS)] = False,
    **settings: Any,
) -> int:
    """Trains the network, and returns the exit code."""
    chosen = TrainSettings.checked(settings)
    check_ending(output, (".safetensors",))
    check_unfinished(output, sheet_of(output))
    speaks = int(os.environ.get("RANK", "0")) == 0  # of several processes the first one
    quiet = quiet or not speaks
    with PatientInterrupts() as interrupts:
        if not all(map(find_spec, ("accelerate", "tensorboard"))):
            raise MissingExtraError("impasto train", "train")
        from impasto.training.feedforward import train as begin

        get_ready(quiet)
        try:
            begin(folders, styles, output, chosen, silent if quiet else Lines(line_of, first=0), interrupts.stop)
        except KeyboardInterrupt:
            if speaks:  # the others know nothing of its checkpoint
                tell_stopped(output)
            return interrupts.exit_code
    if not quiet:
        say(f"{output}: give it as --painter, with --preset fast.")
    return 0
