"""`impasto export`: a network that paints, as ONNX."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.claims import claim
from impasto.cli.flags import OUTPUT, Quiet
from impasto.cli.watchers import check_ending
from impasto.cli.words import say
from impasto.errors import MissingExtraError

_NEEDED = ("onnx", "onnxscript", "onnxruntime")


def export(
    *,
    output: Annotated[Path, OUTPUT, Parameter(help="The file to write, as .onnx.")],
    looks: Annotated[Path | None, Parameter(help="Write the part that looks at new styles as well, as .onnx.")] = None,
    style: Annotated[
        Path | None, Parameter(help="Write the network as it paints this saved style, and no other.")
    ] = None,
    painter: Annotated[Path | None, Parameter(help="Another network, as impasto train makes it.")] = None,
    quiet: Quiet = False,
) -> None:
    """Writes the files."""
    files = [output, *([looks] if looks else [])]
    for path in files:
        check_ending(path, (".onnx",))
    claim(files, taken=[path for path in (painter, style) if path])
    if not all(map(find_spec, _NEEDED)):
        raise MissingExtraError("impasto export", "export")
    from impasto.images import check_replaceable, replace_file
    from impasto.methods.export import exported
    from impasto.methods.style import for_one_style
    from impasto.networks.feedforward import load_feedforward

    for path in files:
        check_replaceable(path)
    network = load_feedforward(painter or "")
    if style:
        network = for_one_style(network, style)
    contents = exported(network, any_style=not style)
    for path, content in zip(files, contents, strict=False):
        replace_file(path, content)
        if not quiet:
            say(f"{path}: {len(content) / 1e6:.1f} MB, paints what torch paints")
