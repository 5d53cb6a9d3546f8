"""Whether the strength dial is monotone: both losses, with their weights taken out, along the dial for each pair.

    python benchmarks/strength.py pairs.tsv [--set quick] [--size 256] [--iterations 60] [--style-loss gram]

`pairs.tsv` has the columns content, style and set; paths are relative to its folder. The losses are measured by the
default networks on the finished picture, as 8 bit would save it, against content and style at the picture's size.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import torch
from pairs import ask_for_pairs, chosen_pairs

import impasto
from impasto.devices import Compute
from impasto.engine.balance import balance
from impasto.engine.pyramid import Level
from impasto.engine.regions import whole
from impasto.engine.roles import load_roles
from impasto.engine.targets import Targets
from impasto.images import read
from impasto.images.resize import resize, same_area
from impasto.losses import STYLE_LOSSES

DIAL = (0.0, 0.25, 0.5, 0.75, 1.0)


def losses(result: impasto.Result, content: Path, style: Path) -> tuple[float, float]:
    """(content, style) of the result by its own losses, each weighing 1 in all."""
    height, width = result.picture.shape
    settings = impasto.StylizeSettings(style_loss=result.settings.style_loss)
    photo = resize(read(content, settings).pixels, (height, width))
    model = read(style, settings, lambda h, w: same_area(h, w, (height * width) ** 0.5)).pixels
    roles = load_roles(settings, Compute(torch.device("cpu"), torch.float32))
    objective = Targets(photo, [model], whole([1.0]), settings).objective_at(Level((height, width), 1.0, 1), roles)
    with torch.no_grad():
        values = objective((result.picture.pixels * 255).round() / 255)
    weights = balance(settings)
    content_loss = sum(value.item() for name, value in values.items() if name.startswith("content"))
    style_loss = sum(value.item() for name, value in values.items() if name.startswith("style"))
    return content_loss / weights.content, style_loss / weights.style


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask_for_pairs(parser)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--style-loss", default=impasto.StylizeSettings().style_loss, choices=STYLE_LOSSES)
    options = parser.parse_args()
    pairs = chosen_pairs(options)
    chosen = {
        "size": options.size,
        "iterations": options.iterations,
        "style_loss": options.style_loss,
        "protect": "none",
    }
    kept = 0
    for content, style in pairs:
        points = []
        for strength in DIAL:
            result = impasto.stylize(content, style, strength=strength, **chosen)
            points.append(losses(result, content, style))
        monotone = all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(points))
        kept += monotone
        told = "  ".join(f"{content_loss:.3f}/{style_loss:.4f}" for content_loss, style_loss in points)
        print(f"{'monotone' if monotone else 'NOT     '}  {told}  {content.stem} x {style.stem}", flush=True)
    print(f"{kept} of {len(pairs)} pairs: content loss rises and style loss falls at every step of {DIAL}")


if __name__ == "__main__":
    main()
