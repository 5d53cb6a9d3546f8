"""One photo in every style that comes with impasto, on a sheet."""

from pathlib import Path

from impasto.images import check_writable
from impasto.images.sheet import Cell, in_rows, write_sheet
from impasto.jobs.run import OnPicture, stylize
from impasto.settings import FileSettings
from impasto.styles import shipped

_ACROSS = 6
_ROW = 240
"""Height in pixels of the pictures on the sheet."""


def write_style_sheet(photo: Path, output: Path, on_picture: OnPicture = lambda *_: None) -> None:
    """Writes the sheet.

    Raises `ImpastoError` for a photo that cannot be read or a sheet that cannot be written.
    """
    names = [*shipped()]
    check_writable(output, FileSettings(), 4 * _ACROSS * _ROW)
    cells: list[Cell] = [("the photo", photo)]
    for number, name in enumerate(names, 1):
        on_picture(number, len(names), name)
        cells.append((name, stylize(photo, name, preset="fast", size=2 * _ROW).image))
    write_sheet(in_rows(cells, _ACROSS), output, _ROW)
