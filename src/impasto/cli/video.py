"""`impasto video`: words -> FilmJob -> film, and what is said about it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from impasto import __version__
from impasto.claims import claim
from impasto.cli.display import duration
from impasto.cli.film_display import film_display
from impasto.cli.flags import OUTPUT, SWITCH, Quiet, Style, takes
from impasto.cli.interrupts import PatientInterrupts
from impasto.cli.like import blaming, recorded
from impasto.cli.ready import get_ready
from impasto.cli.watchers import Preview
from impasto.cli.words import say, say_json
from impasto.jobs.film_job import FilmJob
from impasto.settings import FilmSettings

if TYPE_CHECKING:
    from impasto.jobs.film import FilmProgress, FilmResult


@Parameter(name="*", group=Group("Output", sort_key=0))
@dataclass(frozen=True)
class Output:
    """What is written and said; nothing here changes the film."""

    output: Annotated[
        Path,
        OUTPUT,
        Parameter(help="The film to write; its ending names the format. Without an ending: a folder of PNG."),
    ]
    like: Annotated[
        Path | None, Parameter(help="Take the settings of this film, or of this picture, which impasto made.")
    ] = None
    resume: Annotated[
        bool,
        SWITCH,
        Parameter(help="Go on with the finished frames of a run that was broken off, if there are any."),
    ] = False
    preview: Annotated[Path | None, Parameter(help="The last finished frame, rewritten every few seconds.")] = None
    json: Annotated[bool, SWITCH, Parameter(help="Say on stdout, as JSON, what was done.")] = False
    quiet: Quiet = False


@takes(FilmSettings)
def video(
    film: Annotated[Path, Parameter(help="The film: a file, a folder of frames, or a pattern such as 'frames/*.png'.")],
    /,
    *styles: Style,
    output: Output,
    **settings: Any,
) -> int:
    """Makes the film that the words describe, and returns the exit code."""
    brought, told = recorded(output.like, settings, FilmSettings)
    checked = FilmSettings.checked(brought | settings)
    job = FilmJob(film=film, styles=styles, output=output.output, settings=checked)
    claim(filter(None, (output.output, job.journal, output.preview)), taken=job.inputs)
    with PatientInterrupts() as interrupts, film_display(output.quiet) as show, blaming(output.like, brought, settings):
        from impasto.jobs.paint_film import paint_film

        get_ready(output.quiet)
        preview = Preview(output.preview, job.settings) if output.preview else None

        def tell(progress: "FilmProgress") -> None:
            show(progress)
            if preview:
                preview(progress)

        result = paint_film(job, tell, output.resume, interrupts.stop)
    notes = told + result.notes + (preview.failures if preview else [])
    if result.stopped == "interrupted":
        notes.append(f"the same command with --resume goes on; the finished frames lie in {job.journal}")
    if not output.quiet:
        say(_sentence(result), *(f"note: {note}" for note in notes))
    if output.json:
        say_json(_summary(job, result, notes))
    return interrupts.exit_code if result.stopped == "interrupted" else 0


def _summary(job: FilmJob, result: "FilmResult", notes: list[str]) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "output": str(job.output),
        "width": result.shape[1],
        "height": result.shape[0],
        "frames": result.frames,
        "seconds": round(result.seconds, 3),
        "stopped": result.stopped,
        "notes": notes,
        "settings": job.settings.model_dump(),
        "version": __version__,
    }


def _sentence(result: "FilmResult") -> str:
    height, width = result.shape
    ending = ", interrupted: this is what was finished" if result.stopped == "interrupted" else ""
    frames = f"{result.frames} frame{'' if result.frames == 1 else 's'}"
    return f"{result.output}: {width}×{height}, {frames}, in {duration(result.seconds)}{ending}"
