"""The order of pictures in a folder."""

import re
from pathlib import Path


def natural(path: Path) -> list[str | tuple[int, str]]:
    """What to sort by, so that 9 comes before 10; no two names are alike to it."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), part) if part.isdecimal() else part for part in parts]
