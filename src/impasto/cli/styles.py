"""`impasto styles`: the styles that come with impasto, as a list, or as a sheet of one photo in all of them."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

from impasto.claims import claim
from impasto.cli.flags import OUTPUT, Json
from impasto.cli.words import PlainConsole, say, say_json
from impasto.errors import SettingsError
from impasto.styles import shipped

_USE = "impasto stylize photo.jpg NAME -o out.png --preset fast"


def styles(
    photo: Annotated[Path | None, Parameter(help="A photo to show them on; --output says where.")] = None,
    /,
    *,
    output: Annotated[Path | None, OUTPUT, Parameter(help="The sheet to write: the photo in every style.")] = None,
    json: Json = False,
) -> None:
    """Prints names and what they are of, and writes the sheet where one is asked for."""
    from impasto.networks.style_file import style_notes

    if (photo is None) != (output is None):
        raise SettingsError("styles: a sheet needs a photo and a file to write: impasto styles photo.jpg -o sheet.jpg")
    if photo and output:
        claim((output,), taken=[photo])
        from impasto.jobs.style_sheet import write_style_sheet

        write_style_sheet(photo, output, _told)
        say(f"{output}: a sheet of {photo.name} in every style")
    about = {name: style_notes(path).get("about", "") for name, path in shipped().items()}
    if json:
        say_json([{"name": name, "about": words} for name, words in about.items()])
        return
    table = Table.grid(padding=(0, 2))
    for name, words in about.items():
        table.add_row(name, words)
    console = PlainConsole()
    console.print(table)
    console.print(f"\nUse one by its name: {_USE}")


def _told(number: int, count: int, name: str) -> None:
    if sys.stderr.isatty():
        print(f"style {number} of {count}", end="\r" if number < count else "\n", file=sys.stderr, flush=True)
