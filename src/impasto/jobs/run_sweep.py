"""Carry out a sweep: make what is not there yet, score it, and lay it all out on one sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from impasto.engine.progress import OnProgress, silent
from impasto.errors import OutputError
from impasto.evaluation import Scores, compare, compromise, mixed
from impasto.images import check_writable, shape_of
from impasto.images.sheet import Cell, in_rows, write_sheet
from impasto.jobs.run import OnPicture, make
from impasto.jobs.sweep import Sweep
from impasto.methods.scene import shares_of
from impasto.methods.start import check_start
from impasto.settings import StylizeSettings
from impasto.styles import check_pictures

_ROW = 384
"""Height in pixels of the pictures on the sheet."""


@dataclass(frozen=True)
class Made:
    """A picture of a sweep."""

    path: Path
    caption: str
    scores: Scores
    compromise: float
    """How well it keeps the content and takes its styles at once; less is better, a copy of the content has 1."""
    notes: Sequence[str]
    """What the user should know of how it came about; nothing of one that an earlier run made."""


def run_sweep(sweep: Sweep, on_picture: OnPicture = lambda *_: None, on_progress: OnProgress = silent) -> list[Made]:
    """Makes the pictures of the sweep and its sheet. A picture that an earlier run made is taken as it is.

    Raises `ImpastoError`, before any work, where a picture cannot be read or the sheet could not be written, and
    `KeyboardInterrupt` where it is stopped; what is done by then is kept.
    """
    _check(sweep)
    sweep.folder.mkdir(exist_ok=True)
    notes: dict[Path, Sequence[str]] = {}
    for number, (caption, job) in enumerate(sweep.cases, 1):
        if not job.output.exists():
            on_picture(number, len(sweep.cases), caption)
            result = make(job, on_progress)
            if result.stopped == "interrupted":
                raise KeyboardInterrupt
            result.save(job.output)
            notes[job.output] = result.notes
    made = [
        Made(job.output, caption, *scored, notes.get(job.output, ()))
        for (caption, job), scored in zip(sweep.cases, _scored(sweep), strict=True)
    ]
    given: list[Cell] = [("content", sweep.content), *((f"style: {path.stem}", path) for path in sweep.styles)]
    write_sheet([given, *in_rows([(_words(each), each.path) for each in made], sweep.across)], sweep.output, _ROW)
    return made


def _scored(sweep: Sweep) -> Iterator[tuple[Scores, float]]:
    """The scores of each picture, and its compromise, by each style as much as it has a share in it."""
    pictures = [job.output for _, job in sweep.cases]
    by_style = [compare(pictures, sweep.content, style) for style in sweep.styles]
    *by_picture, content, style = zip(*by_style, strict=True)
    for (_, job), scores in zip(sweep.cases, by_picture, strict=True):
        shares = shares_of(job.settings.style_weights, len(sweep.styles))
        score = mixed(scores, shares)
        yield score, compromise(score, mixed(content, shares), mixed(style, shares))


def _check(sweep: Sweep) -> None:
    check_pictures(sweep.styles, "a sheet with scores")
    shapes = [shape_of(path) for path in (sweep.content, *sweep.styles)]
    rows = 1 + -(-len(sweep.cases) // sweep.across)
    widths = [width / height for height, width in shapes]
    across = max(sum(widths), sweep.across * widths[0])
    if sweep.folder.is_file():
        raise OutputError(
            f"{str(sweep.folder)!r} is a file, and the pictures go into a folder of that name. Name another sheet."
        )
    check_writable(sweep.output, StylizeSettings(), 2 * max(rows * _ROW, round(across * _ROW)))
    for _, job in sweep.cases:
        for mask in job.settings.drawn:
            shape_of(Path(mask))
        check_start(job.settings.init)


def _words(made: Made) -> str:
    scores = made.scores
    return (
        f"{made.caption}\ncontent: perceptual {scores.perceptual:.2f}, edges {scores.edges:.2f}\n"
        f"style: gram {scores.gram:.2f}, distribution {scores.distribution:.2f}\n"
        f"noise {scores.noise:.1f} dB, compromise {made.compromise:.2f}"
    )
