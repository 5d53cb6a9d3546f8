"""`impasto batch`: a folder of pictures, one after the other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from impasto.cli.display import display, silent, tell_picture
from impasto.cli.failures import MISTAKE
from impasto.cli.flags import OUTPUT, Quiet, Style, takes
from impasto.cli.interrupts import Interrupts
from impasto.cli.like import blaming, recorded
from impasto.cli.ready import get_ready
from impasto.cli.words import say
from impasto.jobs.batch import Batch
from impasto.settings import StylizeSettings

if TYPE_CHECKING:
    from impasto.jobs.run_batch import Done

_FOLDER = Group("Output", sort_key=0)
_NOTES = 20
"""Lines of notes, at most."""


@takes(StylizeSettings)
def batch(
    folder: Annotated[Path, Parameter(help="The folder whose pictures are painted.")],
    /,
    *styles: Style,
    output: Annotated[Path, OUTPUT, Parameter(group=_FOLDER, help="The folder to write to.")],
    ending: Annotated[
        str,
        Parameter(
            group=_FOLDER, show_default=False, help="Ending of all results, such as .png; else each keeps its own."
        ),
    ] = "",
    like: Annotated[
        Path | None, Parameter(group=_FOLDER, help="Take the settings of this picture, which impasto made.")
    ] = None,
    quiet: Annotated[Quiet, Parameter(group=_FOLDER)] = False,
    **settings: Any,
) -> int:
    """Makes the pictures, and returns the exit code."""
    brought, notes = recorded(like, settings, StylizeSettings)
    checked = StylizeSettings.checked(brought | settings)
    plan = Batch(folder=folder, styles=styles, output=output, ending=ending, settings=checked)
    with Interrupts() as interrupts, display(quiet) as show, blaming(like, brought, settings):
        from impasto.jobs.run_batch import run_batch

        get_ready(quiet)
        try:
            done = run_batch(plan, silent if quiet else tell_picture, show)
        except KeyboardInterrupt:
            say(f"stopped: the same command goes on; what is done lies in {output}")
            return interrupts.exit_code
    for path, reason in done.failed.items():
        say(f"impasto: {path.name}: {reason}")
    if not quiet:
        lines = [f"note: {note}" for note in (*notes, *done.notes)]
        more = [f"note: {len(lines) - _NOTES} more of these"] if len(lines) > _NOTES else []
        say(_sentence(done, output), *lines[:_NOTES], *more)
    return MISTAKE if done.failed else 0


def _sentence(done: "Done", output: Path) -> str:
    replaced = f" ({len(done.replaced)} in place of earlier files)" if done.replaced else ""
    parts = [f"{len(done.made)} made{replaced}"] if done.made or not done.kept else []
    parts += [f"{len(done.kept)} there already"] if done.kept else []
    parts += [f"{len(done.failed)} could not be painted"] if done.failed else []
    return f"{output}: {', '.join(parts)}"
