"""`impasto compare`: figures of finished pictures and films."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.compare_films import compare_as_they_are, compare_frame_by_frame
from impasto.cli.flags import SWITCH, Json
from impasto.cli.scores import show
from impasto.cli.words import note
from impasto.errors import SettingsError

_JUDGE = "vgg19"
_COPIES = ("copy of the content", "copy of the style")
_LEGEND = (
    "Style: gram and distribution of features, palette of colors. Content:\n"
    "perceptual distance, structure, edges. Less is better, but for edges (1: the\n"
    "same). Noise, weave: decibels of fine detail, and of threads along rows and\n"
    "columns, that neither input has."
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
    if video:
        if style or network != _JUDGE:
            raise SettingsError("style, network: films are compared with --content alone. Leave them out.")
        compared = compare_frame_by_frame if frame_by_frame else compare_as_they_are
        return compared(results, content, start, end, fps, flow, json)
    if start or end or fps is not None or flow or frame_by_frame:
        raise SettingsError(
            "start, end, fps, flow, frame-by-frame: pictures have no times. Leave them out, or add --video for films."
        )
    if style is None:
        raise SettingsError(
            "style: --style is missing. Name the picture whose look was to be taken, or add --video for films."
        )
    return _compare_pictures(results, content, style, network, json)


def _compare_pictures(results: Sequence[Path], content: Path, style: Path, network: str, json: bool) -> int:
    from impasto import evaluation

    figures = evaluation.compare(results, content, style, network)
    _note_stretched(results, content)
    show("picture", list(zip([*map(str, results), *_COPIES], figures, strict=True)), len(_COPIES), _LEGEND, json)
    return 0


def _note_stretched(results: Sequence[Path], content: Path) -> None:
    """Tells of pictures that are not of the content's shape: that counts as a difference, and is hardly meant."""
    from impasto.images import is_stretched, shape_of

    shape = shape_of(content)
    for path in results:
        if is_stretched(shape_of(path), shape):
            note(f"{path} has another shape than {content}, and was stretched to be compared")
