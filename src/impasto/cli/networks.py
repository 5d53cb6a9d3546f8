"""`impasto networks`: what can look at the pictures."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table

from impasto.cli.flags import Json
from impasto.cli.words import PlainConsole, say_json

if TYPE_CHECKING:
    from impasto.networks import NetworkSpec

_OWN_FILES = (
    "--content-network and --style-network also take a file of VGG-16 or VGG-19 weights (.pth, .pt, .safetensors, "
    ".h5, .keras), or a Keras model of another kind, which gets pixels in [0, 1], or in 0 to 255 where it begins with "
    "a Rescaling or Normalization."
)


def networks(*, json: Json = False) -> None:
    """Prints layers, size, license and weights of every network that has a name."""
    from impasto.networks import specs

    listed = specs()
    if json:
        say_json([asdict(spec) | {"here": _here(spec)} for spec in listed])
        return
    console = PlainConsole()
    for spec in listed:
        console.print(spec.name, style="bold")
        console.print(Padding(_table(spec), (0, 0, 1, 2)))
    console.print(_OWN_FILES)


def _table(spec: "NetworkSpec") -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    table.add_row("layers", " ".join(spec.layers))
    table.add_row("content", " ".join(spec.content_layers))
    table.add_row("style", " ".join(spec.style_layers))
    table.add_row("size", f"{spec.size_bytes / 1e6:.1f} MB")
    table.add_row("license", spec.license)
    table.add_row("weights", spec.weights if _here(spec) else f"{spec.weights} (fetched when first used)")
    return table


def _here(spec: "NetworkSpec") -> bool:
    """Whether the weights are on this machine."""
    return "://" not in spec.weights
