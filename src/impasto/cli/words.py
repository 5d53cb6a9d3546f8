"""Words on their way out: what people read on stderr, and what programs read on stdout."""

import json
import sys
from typing import Any

from pydantic_core import to_jsonable_python
from rich.console import Console


class PlainConsole(Console):
    """What prints tables and help: names are no markup, and a reader who leaves raises what `print` does."""

    def __init__(self, soft_wrap: bool = False) -> None:
        super().__init__(highlight=False, markup=False, soft_wrap=soft_wrap)

    def on_broken_pipe(self) -> None:
        raise  # rich is at handling it, and would end the process with the code of a fault


def say(*lines: str) -> None:
    """Prints lines for people; nowhere, where stderr is closed."""
    if sys.stderr is None:  # print would take stdout, where a program reads JSON
        return
    print(*map(visible, lines), sep="\n", file=sys.stderr, flush=True)


def note(text: str) -> None:
    """Prints what is good to know."""
    say(f"note: {text}")


def say_json(value: Any) -> None:
    """Prints a value for programs: names that are no text, too, and null for what is no number."""
    print(json.dumps(to_jsonable_python(value, inf_nan_mode="null"), indent=2), flush=True)


def visible(text: str) -> str:
    """The text in one line, whatever is in the names that it tells of: no line break, nothing that a terminal obeys."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
