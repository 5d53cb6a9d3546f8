"""`impasto compare`: figures of finished pictures."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from pydantic_core import to_json
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from impasto.cli.flags import SWITCH

if TYPE_CHECKING:
    from impasto.evaluation import Scores

_COPIES = ("copy of the content", "copy of the style")
_LEGEND = (
    "Style: gram and distribution of features, palette of colors. Content: perceptual distance, structure, edges.\n"
    "Less is better, but for edges (1: the same). Noise: decibels of fine detail that neither input has."
)


def compare(
    *results: Annotated[Path, Parameter(name="RESULT", required=True, help="The finished pictures.")],
    content: Annotated[Path, Parameter(help="The picture whose things were to be kept.")],
    style: Annotated[Path, Parameter(help="The picture whose look was to be taken.")],
    network: Annotated[str, Parameter(help="The network that judges: a name of `impasto networks`, or a file.")] = (
        "vgg19"
    ),
    json: Annotated[bool, SWITCH, Parameter(help="As JSON, for programs.")] = False,
) -> None:
    """Prints the scores of each result, and those of the two inputs in its place."""
    from impasto import evaluation

    scores = evaluation.compare(results, content, style, network)
    rows = list(zip([*map(str, results), *_COPIES], scores, strict=True))
    if json:
        print(to_json([{"picture": name} | asdict(score) for name, score in rows], indent=2).decode(), flush=True)
        return
    console = Console(highlight=False)
    console.print(_table(rows))
    console.print(_LEGEND)


def _table(rows: "list[tuple[str, Scores]]") -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("picture", overflow="fold")
    for name in asdict(rows[0][1]):
        table.add_column(_hyphenated(name), justify="right")
    for number, (name, score) in enumerate(rows, 1):
        figures = (f"{value:.3f}" for value in asdict(score).values())
        table.add_row(name, *figures, end_section=number == len(rows) - len(_COPIES))
    return table


def _hyphenated(name: str) -> str:
    """In two lines if it is long: a terminal of 80 columns should have room for the names of files."""
    return name if len(name) < 8 else f"{name[:6]}-\n{name[6:]}"
