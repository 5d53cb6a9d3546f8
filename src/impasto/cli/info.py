"""`impasto info`: this installation in a few lines, for a bug report."""

from rich.table import Table

from impasto import __version__
from impasto.cli.words import PlainConsole, visible


def info() -> None:
    """Prints versions, devices, memory and folders."""
    from impasto.devices import describe
    from impasto.networks.download import cache_folder

    table = Table.grid(padding=(0, 2))
    for name, value in {"impasto": __version__, **describe(), "fetched weights": str(cache_folder())}.items():
        table.add_row(name, visible(value))
    PlainConsole(soft_wrap=True).print(table)
