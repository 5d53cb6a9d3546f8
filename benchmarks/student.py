"""What the student costs in looks and saves in time: the same steps with VGG-19, with both, and with the student alone.

    python benchmarks/student.py pairs.tsv OUT [--set quick] [--every 1] [--size 512] [--iterations 100]

Both losses are VGG-19's, of the finished picture as 8 bit would save it, each weighing 1 in all; `total` weighs them as
the search did. Seconds are medians, by threads and precision as `impasto info` tells them. Writes the pictures to
OUT/WAY/ and a sheet of each pair to OUT/sheets/.
"""

import argparse
import time
from pathlib import Path
from statistics import mean, median

from looks import draw_sheets
from pairs import ask_for_pairs, chosen_pairs
from strength import losses

import impasto
from impasto.allocator import keep_freed_memory
from impasto.engine.balance import balance

WAYS = {
    "teacher": {"sketch_network": "none"},
    "both": {"sketch_network": "student"},
    "student": {"content_network": "student", "style_network": "student"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask_for_pairs(parser)
    parser.add_argument("folder", type=Path, metavar="OUT")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--iterations", type=int, default=100)
    options = parser.parse_args()
    pairs = chosen_pairs(options)

    keep_freed_memory()  # as the command does
    weights = balance(impasto.StylizeSettings())
    made = {way: [options.folder / way / f"{c.stem}--{s.stem}.png" for c, s in pairs] for way in WAYS}
    rows: dict[str, list[tuple[float, float, float, float]]] = {way: [] for way in WAYS}
    for number, (content, style) in enumerate(pairs):
        for way, networks in WAYS.items():
            output = made[way][number]
            output.parent.mkdir(parents=True, exist_ok=True)
            begin = time.monotonic()
            result = impasto.stylize(
                content, style, size=options.size, iterations=options.iterations, protect="none", **networks
            )
            taken = time.monotonic() - begin
            result.save(output)
            c, s = losses(result, content, style)
            rows[way].append((c, s, weights.content * c + weights.style * s, taken))
            print(f"{way:>8} {told(rows[way][-1])}  {output.stem}", flush=True)
    print(f"{'means':>8} {'content':>9} {'style':>9} {'total':>9} {'seconds':>9}")
    for way, figures in rows.items():
        content, style, total, seconds = zip(*figures, strict=True)
        print(f"{way:>8} {told((mean(content), mean(style), mean(total), median(seconds)))}")
    draw_sheets(pairs, made, options.folder / "sheets")


def told(row: tuple[float, float, float, float]) -> str:
    return f"{row[0]:>9.3f} {row[1]:>9.4f} {row[2]:>9.4f} {row[3]:>9.1f}"


if __name__ == "__main__":
    main()
