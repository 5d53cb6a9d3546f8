"""Writes reference.md, the page on every command and option: `python docs/generate_reference.py`."""

from collections.abc import Iterator
from functools import reduce
from itertools import groupby
from operator import getitem
from pathlib import Path
from typing import get_args

from cyclopts import App
from cyclopts.argument import Argument

from impasto.cli import app

PAGE = Path(__file__).with_name("reference.md")
COMMANDS = (
    *("stylize", "batch", "video", "live", "sweep", "compare"),
    *("styles", "style save", "style learn", "train", "export", "distill", "networks", "info"),
)
_KINDS = {int: "whole number", float: "number", Path: "file", str: "text"}
HEAD = """\
# Command reference

<!-- Made by docs/generate_reference.py from the settings models: change those, then run it. -->

Every setting is also a keyword of `impasto.stylize(...)`: `--style-scale 2` is `style_scale=2`. On a terminal,
`impasto COMMAND --help` shows what this page says. Every command also takes `--debug`, which shows warnings, and
where an error came from.
"""


def reference() -> str:
    """The page, as Markdown."""
    commands = ((name, reduce(getitem, name.split(), app)) for name in COMMANDS)
    return HEAD + "".join(f"{line}\n" for each in commands for line in _command(*each))


def _command(name: str, command: App) -> Iterator[str]:
    arguments = [argument for argument in command.assemble_argument_collection() if argument.show]
    words = [_positional(argument) for argument in arguments if not argument.name.startswith("-")]
    options = ["[options]"] if len(words) < len(arguments) else []
    yield from ("", f"## {name}", "", f"`{' '.join(['impasto', name, *words, *options])}`", "", command.help.strip())
    for title, group in groupby(arguments, key=lambda argument: argument.parameter.group[0].name):
        yield from ("", f"### {title}", "", "| | values | default | |", "|---|---|---|---|", *map(_row, group))


def _positional(argument: Argument) -> str:
    name = argument.name + ("..." if argument.field_info.kind is argument.field_info.VAR_POSITIONAL else "")
    return name if argument.required else f"[{name}]"


def _row(argument: Argument) -> str:
    names = ", ".join(f"`{name}`" for name in argument.names)
    help_text = argument.parameter.help.replace("|", "\\|")
    return f"| {names} | {_values(argument)} | {_default(argument)} | {help_text} |"


def _values(argument: Argument) -> str:
    """The choices, and else the kind of value; nothing for a switch."""
    kinds = [_KINDS[kind] for kind in get_args(argument.hint) or (argument.hint,) if kind in _KINDS]
    return ", ".join([*kinds, *(f"`{choice}`" for choice in argument.get_choices() or ())])


def _default(argument: Argument) -> str:
    if argument.required:
        return "required"
    default, told = argument.field_info.default, argument.parameter.show_default
    if callable(told):
        return f"`{told(default)}`"
    return "" if default in ("", None, ()) or default is False else f"`{default}`"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
