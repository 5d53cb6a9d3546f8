"""Carry out a sweep: make what is not there yet, score it, and lay it all out on one sheet."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from impasto.engine.progress import OnProgress, silent
from impasto.evaluation import Scores, compare, compromise
from impasto.images import check_writable, read, read_record, write
from impasto.images.sheet import grid
from impasto.jobs.job import Job
from impasto.jobs.run import run
from impasto.jobs.sweep import Sweep, file_of
from impasto.settings import StylizeSettings


@dataclass(frozen=True)
class Made:
    """A picture of a sweep."""

    path: Path
    caption: str
    scores: Scores
    compromise: float
    """How well it keeps the content and takes the first style at once; less is better, and a copy of either has 2."""


Tell = Callable[[int, str], object]
"""Told before a picture is begun: its number, from 1, and its caption."""


def run_sweep(sweep: Sweep, tell: Tell = lambda *_: None, on_progress: OnProgress = silent) -> list[Made]:
    """Makes the pictures of the sweep and its sheet. A picture that an earlier run made is taken as it is.

    Raises `ImpastoError`, before any work, where an input cannot be read or an output could not be written.
    """
    cases = sweep.cases()
    check_writable(sweep.output, StylizeSettings())
    sweep.folder.mkdir(exist_ok=True)
    paths = [sweep.folder / file_of(number, caption) for number, (caption, _) in enumerate(cases, 1)]
    for number, (path, (caption, settings)) in enumerate(zip(paths, cases, strict=True), 1):
        if not _is_there(path, settings, sweep):
            tell(number, caption)
            job = Job(content=sweep.content, styles=sweep.styles, output=path, settings=settings)
            if run(job, on_progress).stopped == "interrupted":
                path.unlink()  # what is half done would else be taken for done the next time
                raise KeyboardInterrupt
    *scores, content, style = compare(paths, sweep.content, sweep.styles[0])
    made = [
        Made(path, caption, score, compromise(score, content, style))
        for path, (caption, _), score in zip(paths, cases, scores, strict=True)
    ]
    cells = [(_words(each), each.path) for each in made]
    paper = grid([cells[first : first + sweep.across] for first in range(0, len(cells), sweep.across)])
    write(read(paper, StylizeSettings(max_megapixels=10_000)), sweep.output, StylizeSettings())
    return made


def _is_there(path: Path, settings: StylizeSettings, sweep: Sweep) -> bool:
    """Whether the picture is there, made with these settings, and no older than what it is made from."""
    if not path.exists() or read_record(path) != settings.model_dump_json():
        return False
    return all(path.stat().st_mtime >= source.stat().st_mtime for source in (sweep.content, *sweep.styles))


def _words(made: Made) -> str:
    scores = made.scores
    return (
        f"{made.caption}\ncontent: perceptual {scores.perceptual:.2f}, edges {scores.edges:.2f}\n"
        f"style: gram {scores.gram:.2f}, distribution {scores.distribution:.2f}\n"
        f"noise {scores.noise:.1f} dB, compromise {made.compromise:.2f}"
    )
