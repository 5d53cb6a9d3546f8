"""`impasto compare --video`: how steady finished films are, beside the film that they were made of."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from impasto.cli.film_display import film_display
from impasto.cli.interrupts import Interrupts
from impasto.cli.ready import get_ready
from impasto.cli.scores import show
from impasto.cli.words import note, say

_BY_ITSELF = "each frame by itself"
_LEGEND = (
    "Short, long: warping error from a frame to the next, and over ten. Drift: of the mean color within a shot.\n"
    "Detail: what a shift by one pixel would cost; relative: short by that. Less is better, but for detail."
)


def compare_as_they_are(
    results: Sequence[Path], content: Path, start: str, end: str, fps: float | None, flow: Path | None, json: bool
) -> int:
    """Prints the scores of films, and returns the exit code."""
    from impasto.jobs.compare_films import compare_films

    scores = compare_films(results, content, start, end, fps, flows=flow, tell=note)
    show("film", list(scores.items()), 1, _LEGEND, json)
    return 0


def compare_frame_by_frame(
    results: Sequence[Path], content: Path, start: str, end: str, fps: float | None, flow: Path | None, json: bool
) -> int:
    """The same, and the scores of what the first of them would be if each frame were painted by itself."""
    with Interrupts() as interrupts, TemporaryDirectory(prefix="impasto-") as folder:
        from impasto.jobs.compare_films import compare_films
        from impasto.jobs.frame_by_frame import kept_by, paint_frame_by_frame

        get_ready(quiet=False)
        output = Path(folder) / "frames"
        try:
            kept = kept_by(results, start, end, fps)
            with film_display(quiet=False) as watch:
                paint_frame_by_frame(kept, results, content, output, watch)
            part, beside = kept.settings, {_BY_ITSELF: output}
            scores = compare_films(results, content, part.start, part.end, part.fps, beside, flow, note)
        except KeyboardInterrupt:
            say("stopped: nothing was compared")
            return interrupts.exit_code
    show("film", list(scores.items()), 2, _LEGEND, json)
    return 0
