"""The table of pairs that benchmarks run over: columns content, style and set, with paths relative to its folder."""

import argparse
import csv
from pathlib import Path


def ask_for_pairs(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that `chosen_pairs` reads."""
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--set", default="quick", help="the pairs of this set only; `all` takes every one")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth pair only")


def chosen_pairs(options: argparse.Namespace) -> list[tuple[Path, Path]]:
    """(content, style) of each pair."""
    with options.pairs.open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t") if options.set in (row["set"], "all")]
    if not rows:
        raise SystemExit(f"{options.pairs} has no pairs of the set {options.set!r}: name another one with --set.")
    folder = options.pairs.parent
    return [(folder / row["content"], folder / row["style"]) for row in rows][:: options.every]
