"""`impasto style save`: a picture -> its style in numbers, in a file of kilobytes."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.flags import SWITCH
from impasto.cli.watchers import check_ending, claim
from impasto.styles import SUFFIX


def save(
    picture: Annotated[Path, Parameter(help="The picture whose look is to be kept.")],
    /,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"), help="The file to write, as .style.")],
    about: Annotated[str, Parameter(help="Who made the picture, and what it is called.")] = "",
    painter: Annotated[Path | None, Parameter(help="Network that is to paint it, as impasto train makes it.")] = None,
    quiet: Annotated[bool, SWITCH, Parameter(help="Say nothing but errors.")] = False,
) -> None:
    """Writes the file."""
    check_ending(output, (SUFFIX,))
    claim((output,), taken=[picture, *([painter] if painter else [])])
    from impasto.images import check_replaceable, replace_file
    from impasto.methods.style import style_to_save
    from impasto.networks.feedforward import load_feedforward

    check_replaceable(output)
    content = style_to_save(load_feedforward(painter or ""), picture, about).file()
    replace_file(output, content)
    if not quiet:
        print(
            f"{output}: {len(content) / 1000:.0f} kB. Give it in place of a style, with --preset fast.", file=sys.stderr
        )
