"""The table of pairs that benchmarks run over: columns content, style and set, with paths relative to its folder."""

import csv
from pathlib import Path


def read_pairs(path: Path, name: str) -> list[tuple[Path, Path]]:
    """(content, style) of each pair of the set `name`."""
    with path.open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t") if row["set"] == name]
    return [(path.parent / row["content"], path.parent / row["style"]) for row in rows]
