"""`impasto video`: words -> FilmJob -> film, and what is said about it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter
from pydantic_core import to_json
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from impasto import __version__
from impasto.cli.display import Lines, duration, silent
from impasto.cli.flags import SWITCH, takes
from impasto.cli.interrupts import PatientInterrupts
from impasto.cli.like import blaming, recorded
from impasto.cli.watchers import Preview, claim
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
        Parameter(
            name=("--output", "-o"),
            help="The film to write; its ending names the format. Without an ending: a folder of PNG.",
        ),
    ]
    like: Annotated[
        Path | None, Parameter(help="Take the settings of this film, or of this picture, which impasto made.")
    ] = None
    resume: Annotated[
        bool,
        SWITCH,
        Parameter(help="Go on with the frames that a run has left, which was broken off, if there are any."),
    ] = False
    preview: Annotated[Path | None, Parameter(help="The last finished frame, rewritten every few seconds.")] = None
    json: Annotated[bool, SWITCH, Parameter(help="Say on stdout, as JSON, what was done.")] = False
    quiet: Annotated[bool, SWITCH, Parameter(help="Say nothing but errors.")] = False


@takes(FilmSettings)
def video(
    film: Annotated[Path, Parameter(help="The film: a file, a folder of frames, or a pattern such as 'frames/*.png'.")],
    /,
    *styles: Annotated[Path, Parameter(name="STYLE", required=True, help="The pictures whose look is taken.")],
    output: Output,
    **settings: Any,
) -> int:
    """Makes the film that the words describe, and returns the exit code."""
    brought, told = recorded(output.like, settings, FilmSettings)
    checked = FilmSettings.checked(brought | settings)
    job = FilmJob(film=film, styles=styles, output=output.output, settings=checked)
    claim((output.output,), taken=job.inputs)
    claim(filter(None, (output.preview,)), taken=(*job.inputs, output.output))
    with PatientInterrupts() as interrupts, _display(output.quiet) as show, blaming(output.like, brought, settings):
        from impasto.devices import keep_freed_memory
        from impasto.jobs.film import paint_film
        from impasto.networks import download

        keep_freed_memory()
        download.console.quiet = output.quiet
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
        print(_sentence(result), *(f"note: {note}" for note in notes), sep="\n", file=sys.stderr)
    if output.json:
        print(to_json(_summary(job, result, notes), indent=2).decode(), flush=True)
    return interrupts.exit_code if result.stopped == "interrupted" else 0


@contextmanager
def _display(quiet: bool) -> "Iterator[Callable[[FilmProgress], None]]":
    """The callback that shows the progress of the run inside this context."""
    console = Console(stderr=True)
    if quiet:
        yield silent
    elif console.is_terminal and not console.is_dumb_terminal:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[told]}"),
        )
        with Bar(*columns, console=console, transient=True, refresh_per_second=5) as bar:
            task = bar.add_task("loading", total=None, told="")

            def show(progress: "FilmProgress") -> None:
                bar.update(
                    task,
                    description=_frames(progress),
                    total=progress.frames,
                    completed=progress.done,
                    told=_times(progress),
                )

            yield show
    else:
        yield Lines(_line)


def _line(progress: "FilmProgress") -> str:
    return f"{_frames(progress)}  {_times(progress)}"


def _frames(progress: "FilmProgress") -> str:
    known = f" of {progress.frames}" if progress.frames else ""
    return f"frame {progress.done}{known}"


def _times(progress: "FilmProgress") -> str:
    left = "" if progress.remaining is None else f", {duration(progress.remaining)} left"
    rate = f"{progress.rate:.1f} frames a second" if progress.rate >= 0.1 else f"{1 / progress.rate:.0f} s a frame"
    return f"{rate}, {duration(progress.elapsed)}{left}"


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
