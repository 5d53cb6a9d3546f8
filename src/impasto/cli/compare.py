"""`impasto compare`: figures of finished pictures and films."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from impasto.cli.film_display import film_display
from impasto.cli.flags import SWITCH, Json
from impasto.cli.interrupts import Interrupts
from impasto.cli.ready import get_ready
from impasto.cli.words import PlainConsole, say, say_json, visible
from impasto.errors import SettingsError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_JUDGE = "vgg19"
_BY_ITSELF = "each frame by itself"
_COPIES = ("copy of the content", "copy of the style")
_LEGEND = (
    "Style: gram and distribution of features, palette of colors. Content:\n"
    "perceptual distance, structure, edges. Less is better, but for edges (1: the\n"
    "same). Noise, weave: decibels of fine detail, and of threads along rows and\n"
    "columns, that neither input has."
)
_FILM_LEGEND = (
    "Short, long: warping error from a frame to the next, and over ten. Drift: of the mean color within a shot.\n"
    "Detail: what a shift by one pixel would cost; relative: short by that. Less is better, but for detail."
)


def compare(
    *results: Annotated[Path, Parameter(name="RESULT", required=True, help="The finished pictures, or films.")],
    content: Annotated[Path, Parameter(help="The picture whose things were to be kept, or the film.")],
    style: Annotated[Path | None, Parameter(help="The picture whose look was to be taken; not for films.")] = None,
    video: Annotated[
        bool, SWITCH, Parameter(help="Tell how steady films are. Each is a file, or a folder of pictures.")
    ] = False,
    start: Annotated[
        str, Parameter(show_default=False, help="The time of --content at which the films begin; only with --video.")
    ] = "",
    end: Annotated[
        str, Parameter(show_default=False, help="The time of --content at which they end; only with --video.")
    ] = "",
    fps: Annotated[
        float | None,
        Parameter(help="Frames a second that the films were painted at, where --fps was given; only with --video."),
    ] = None,
    flow: Annotated[
        Path | None,
        Parameter(help="A folder of true flows between frames of --content, A-to-B.flo; only with --video."),
    ] = None,
    frame_by_frame: Annotated[
        bool,
        SWITCH,
        Parameter(
            help="Paint --content once more, each frame by itself, with the settings and styles kept in the first "
            "RESULT that has any, and tell how steady that is. It takes as long as painting; only with --video."
        ),
    ] = False,
    network: Annotated[
        str, Parameter(help="The network that judges: vgg19, vgg16-torchvision, or a file of such weights.")
    ] = _JUDGE,
    json: Json = False,
) -> int:
    """Prints the scores of each result, and those of the inputs in its place, and returns the exit code."""
    if video and (style or network != _JUDGE):
        raise SettingsError("style, network: films are compared with --content alone. Leave them out.")
    if video and frame_by_frame:
        return _compare_frame_by_frame(results, content, start, end, fps, flow, json)
    if video:
        from impasto.jobs.compare_films import compare_films

        scores = compare_films(results, content, start, end, flow, _note, fps)
        _show("film", list(scores.items()), 1, _FILM_LEGEND, json)
        return 0
    if start or end or fps is not None or flow or frame_by_frame:
        raise SettingsError(
            "start, end, fps, flow, frame-by-frame: pictures have no times. Leave them out, or add --video for films."
        )
    if style is None:
        raise SettingsError(
            "style: --style is missing. Name the picture whose look was to be taken, or add --video for films."
        )
    from impasto import evaluation

    figures = evaluation.compare(results, content, style, network)
    _note_stretched(results, content)
    _show("picture", list(zip([*map(str, results), *_COPIES], figures, strict=True)), len(_COPIES), _LEGEND, json)
    return 0


def _compare_frame_by_frame(
    results: Sequence[Path], content: Path, start: str, end: str, fps: float | None, flow: Path | None, json: bool
) -> int:
    """Prints the scores of films, and of what the first of them would be if each frame were painted by itself."""
    with Interrupts() as interrupts, TemporaryDirectory(prefix="impasto-") as folder:
        from impasto.jobs.compare_films import compare_films
        from impasto.jobs.frame_by_frame import kept_by, paint_frame_by_frame

        get_ready(quiet=False)
        output = Path(folder) / "frames"
        try:
            kept = kept_by(results, start, end, fps)
            with film_display(quiet=False) as show:
                paint_frame_by_frame(kept, results, content, output, show)
            part, beside = kept.settings, {_BY_ITSELF: output}
            scores = compare_films(results, content, part.start, part.end, flow, _note, part.fps, beside)
        except KeyboardInterrupt:
            say("stopped: nothing was compared")
            return interrupts.exit_code
    _show("film", list(scores.items()), 2, _FILM_LEGEND, json)
    return 0


def _note_stretched(results: Sequence[Path], content: Path) -> None:
    """Tells of pictures that are not of the content's shape: that counts as a difference, and is hardly meant."""
    from impasto.images import is_stretched, shape_of

    shape = shape_of(content)
    for path in results:
        if is_stretched(shape_of(path), shape):
            _note(f"{path} has another shape than {content}, and was stretched to be compared")


def _note(note: str) -> None:
    say(f"note: {note}")


def _show(what: str, rows: "list[tuple[str, DataclassInstance]]", inputs: int, legend: str, json: bool) -> None:
    """Prints named scores, the last `inputs` of them below a line."""
    if json:
        say_json([{what: name} | asdict(score) for name, score in rows])
        return
    console = PlainConsole()
    console.print(_table(what, rows, inputs))
    console.print(legend)


def _table(what: str, rows: "list[tuple[str, DataclassInstance]]", inputs: int) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column(what, overflow="fold")
    for name in asdict(rows[0][1]):
        table.add_column(_hyphenated(name), justify="right")
    for number, (name, score) in enumerate(rows, 1):
        figures = (f"{value:.3f}" if isfinite(value) else "–" for value in asdict(score).values())
        table.add_row(visible(name), *figures, end_section=number == len(rows) - inputs)
    return table


def _hyphenated(name: str) -> str:
    """In two lines if it is long: a terminal of 80 columns should have room for the names of files."""
    return name if len(name) < 9 else f"{name[:6]}-\n{name[6:]}"
