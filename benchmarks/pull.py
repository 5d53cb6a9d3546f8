"""What a loss has to be multiplied by for the strength dial to mean with it what it means with the default loss.

    python benchmarks/pull.py pairs.tsv --style-loss wasserstein --pulls 1,3,10 [--set quick] [--size 256]

For each pull (a factor on `FeatureLoss.pull` of all parts of the losses that are named) and pair, how far the finished
picture is from content and style by the figures of `impasto compare`. The pull to take is the one whose content figure
is that of the default, printed first.
"""

import argparse
from statistics import mean

from pairs import ask_for_pairs, chosen_pairs

import impasto
from impasto.evaluation import compare
from impasto.losses import CONTENT_LOSSES, STYLE_LOSSES, FeatureLoss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask_for_pairs(parser)
    parser.add_argument("--style-loss", choices=STYLE_LOSSES)
    parser.add_argument("--content-loss", choices=CONTENT_LOSSES)
    parser.add_argument("--pulls", default="1,3,10")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=60)
    options = parser.parse_args()
    pairs = chosen_pairs(options)

    def tell(label: str, **losses: str) -> None:
        scores = []
        for content, style in pairs:
            result = impasto.stylize(
                content, style, size=options.size, iterations=options.iterations, protect="none", **losses
            )
            scores.append(compare([result.image], content, style)[0])
        figures = ("perceptual", "structure", "gram", "distribution", "noise")
        told = "  ".join(f"{figure} {mean(getattr(score, figure) for score in scores):.4f}" for figure in figures)
        print(f"{label:>24}  {told}", flush=True)

    tell("default")
    tables = {"style_loss": STYLE_LOSSES, "content_loss": CONTENT_LOSSES}
    named = {kind: name for kind in tables if (name := getattr(options, kind))}
    own = {kind: tables[kind][name] for kind, name in named.items()}
    for pull in map(float, options.pulls.split(",")):
        for kind, name in named.items():
            tables[kind][name] = pulled(own[kind], pull)
        tell(f"pull {pull:g}", **named)


def pulled(loss: FeatureLoss | tuple[FeatureLoss, ...], pull: float) -> FeatureLoss | tuple[FeatureLoss, ...]:
    if isinstance(loss, FeatureLoss):
        return loss._replace(pull=pull * loss.pull)
    return tuple(part._replace(pull=pull * part.pull) for part in loss)


if __name__ == "__main__":
    main()
