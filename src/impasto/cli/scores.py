"""Scores of finished pictures and films, as a table for people, or as JSON."""

from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from impasto.cli.words import PlainConsole, say_json, visible

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def show(what: str, rows: "list[tuple[str, DataclassInstance]]", inputs: int, legend: str, json: bool) -> None:
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
