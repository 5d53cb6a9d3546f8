"""`impasto stylize`: words -> Job -> picture, and what is said about it."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from impasto import __version__
from impasto.claims import claim
from impasto.cli.display import display, duration
from impasto.cli.flags import OUTPUT, SWITCH, Quiet, Style, takes
from impasto.cli.interrupts import Interrupts
from impasto.cli.like import blaming, recorded
from impasto.cli.ready import get_ready
from impasto.cli.watchers import (
    PLOT_FORMATS,
    Preview,
    check_ending,
    check_plot_extra,
    in_turn,
    write_plot,
    write_trace,
)
from impasto.cli.words import say, say_json
from impasto.errors import CheckpointError, SettingsError
from impasto.jobs.job import Job
from impasto.settings import StylizeSettings

if TYPE_CHECKING:
    from impasto.engine.progress import OnProgress
    from impasto.methods.result import Result


@Parameter(name="*", group=Group("Output", sort_key=0))
@dataclass(frozen=True)
class Output:
    """What is written and said; nothing here changes the picture."""

    output: Annotated[Path, OUTPUT, Parameter(help="The picture to write; its ending names the format.")]
    like: Annotated[Path | None, Parameter(help="Take the settings of this picture, which impasto made.")] = None
    preview: Annotated[Path | None, Parameter(help="The picture so far, rewritten every few seconds.")] = None
    trace: Annotated[Path | None, Parameter(help="Every loss of every step, as JSON.")] = None
    plot: Annotated[Path | None, Parameter(help="The losses over the steps, as PNG, SVG or PDF.")] = None
    checkpoint: Annotated[Path | None, Parameter(help="A file, written now and then, from which --resume goes on.")] = (
        None
    )
    resume: Annotated[bool, SWITCH, Parameter(help="Go on from the checkpoint, if it is there.")] = False
    json: Annotated[bool, SWITCH, Parameter(help="Say on stdout, as JSON, what was done.")] = False
    quiet: Quiet = False


@takes(StylizeSettings)
def stylize(
    content: Annotated[Path, Parameter(help="The picture whose things are kept.")],
    /,
    *styles: Style,
    output: Output,
    **settings: Any,
) -> int:
    """Makes the picture that the words describe, and returns the exit code."""
    brought, told = recorded(output.like, settings, StylizeSettings)
    checked = StylizeSettings.checked(brought | settings)
    job = Job(content=content, styles=styles, output=output.output, settings=checked)
    began = monotonic()
    with Interrupts() as interrupts, display(output.quiet) as show, blaming(output.like, brought, settings):
        _check(job, output)
        result, notes = _run(job, output, show)
    notes = told + notes
    summary = _summary(job, result, notes, monotonic() - began)
    if not output.quiet:
        say(_sentence(summary), *(f"note: {note}" for note in notes))
    if output.json:
        say_json(summary)
    return interrupts.exit_code if result.stopped == "interrupted" else 0


def _check(job: Job, output: Output) -> None:
    """Says before the work, and not after it, what could not be written beside the picture."""
    from impasto.images import check_replaceable

    # The picture may replace what it starts from or is like: that is read before. What is written on the way may not.
    claim((output.output,), taken=job.kept)
    beside = filter(None, (output.preview, output.trace, output.plot, output.checkpoint))
    claim(beside, taken=(*job.inputs, output.output, output.like or output.output))
    _check_checkpoint(output)
    if job.settings.method == "feedforward" and (output.plot or output.trace or output.checkpoint):
        raise SettingsError("method: one pass has no steps to plot, trace or go on from. Leave these files out.")
    if output.trace:
        check_ending(output.trace, (".json",))
        check_replaceable(output.trace)
    if output.plot:
        check_plot_extra()
        check_ending(output.plot, PLOT_FORMATS)
        check_replaceable(output.plot)


def _check_checkpoint(output: Output) -> None:
    """Raises `CheckpointError` where it is not said from what to go on, or hours of work would be written over."""
    if output.resume and not output.checkpoint:
        raise CheckpointError("resume: from which file? Add --checkpoint FILE, as the run that was broken off had it.")
    if _is_there(output.checkpoint) and not output.resume:
        raise CheckpointError(
            f"{str(output.checkpoint)!r} is there already. Add --resume to go on from it, or delete it to begin anew."
        )


def _is_there(file: Path | None) -> bool:
    return file is not None and file.exists()


def _run(job: Job, output: Output, show: "OnProgress") -> "tuple[Result, list[str]]":
    """The job's picture, and what the user should know of how it came about; all files are written."""
    from impasto.jobs.run import run

    get_ready(output.quiet)
    preview = Preview(output.preview, job.settings) if output.preview else None
    anew = output.resume and not _is_there(output.checkpoint)
    result = run(job, in_turn(show, preview) if preview else show, output.checkpoint)
    if output.trace:
        write_trace(result, output.trace)
    if output.plot:
        write_plot(result, output.plot)
    notes = result.notes + (preview.failures if preview else [])
    if anew:
        notes.append("there was no checkpoint to go on from, so it began anew")
    if _is_there(output.checkpoint):
        notes.append("the same command with --resume goes on from the last checkpoint")
    return result, notes


def _summary(job: Job, result: "Result", notes: list[str], seconds: float) -> dict[str, Any]:
    """What `--json` prints."""
    from impasto.devices import conditions

    height, width = result.picture.shape
    return {
        "output": str(job.output),
        "width": width,
        "height": height,
        "seconds": round(seconds, 3),
        "steps": len(result.trace),
        "stopped": result.stopped,
        "loss": result.reached.get("loss"),
        "losses": result.reached.get("losses", {}),
        "notes": notes,
        "settings": result.settings.model_dump(),
        "computed": conditions(result.settings),
        "version": __version__,
    }


_REASONS = {
    "iterations": "all steps done",
    "tolerance": "the loss had settled",
    "seconds": "the time was up",
    "painted": "painted in one pass",
    "loss": "the loss would not be a number any more: this is the last good picture",
    "interrupted": "interrupted: this is the picture reached so far",
}


def _sentence(summary: dict[str, Any]) -> str:
    size = f"{summary['width']}×{summary['height']}"
    steps = f"{summary['steps']} steps in " if summary["steps"] else ""
    work = f"{steps}{duration(summary['seconds'])}"
    return f"{summary['output']}: {size}, {work}, {_REASONS[summary['stopped']]}"
