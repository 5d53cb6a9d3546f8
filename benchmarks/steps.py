"""Where the time of a step goes, how fast the network computes, and how soon the command begins.

    python benchmarks/steps.py [CONTENT STYLE] [--size 512] [--repeats 7] [--style-losses wasserstein,gram]

- The network, forward and backward, against the whole step, by style loss: the rest is losses, solver and pixels.
- GFLOP/s of the network's convolutions, counted as direct ones need them, against the best that a single direct
  convolution of its shapes reaches here. Winograd's convolutions do with fewer, so the share may be over 1.
- Seconds from the command to the help text, and to the first step of a picture.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from losses import of_network
from scene import opened
from time_to_loss import sample_pictures
from timing import medians
from torch import Tensor

import impasto
from impasto.allocator import keep_freed_memory
from impasto.devices import choose
from impasto.engine.parameters import Pixels
from impasto.engine.pyramid import Level
from impasto.engine.regions import whole
from impasto.engine.roles import Roles, load_roles
from impasto.engine.solvers import Step
from impasto.engine.solvers.lbfgs import lbfgs
from impasto.engine.targets import Targets
from impasto.networks.vgg import VGG19, ConvolutionSpec, convolutions

SETTINGS = impasto.StylizeSettings(device="cpu")
_HISTORY = 8
"""Steps before any is timed: L-BFGS remembers them by then."""


def used(roles: Roles) -> list[ConvolutionSpec]:
    """The convolutions as far as the deepest layer that is asked for."""
    names = [convolution.layer for convolution in convolutions(VGG19)]
    deepest = max(names.index(layer) for layer in [*roles.style.layers, *roles.content.layers])
    return list(convolutions(VGG19))[: deepest + 1]


def operations(convolution: ConvolutionSpec, pixels: int) -> float:
    """Multiplications and additions of a direct convolution over a picture of so many pixels."""
    out, channels = convolution.shape[:2]
    return 2 * 9 * out * channels * pixels / 4 ** (convolution.block - 1)


def peak(roles: Roles, shape: tuple[int, int], repeats: int) -> float:
    """Operations a second of the quickest direct convolution."""
    rates = []
    for convolution in used(roles)[1:]:
        stride = 2 ** (convolution.block - 1)
        size = (1, convolution.shape[1], shape[0] // stride, shape[1] // stride)
        image, weight = (
            torch.rand(each).to(choose(SETTINGS).dtype, memory_format=torch.channels_last)
            for each in (size, convolution.shape)
        )
        (seconds,) = medians(repeats, lambda image=image, weight=weight: F.conv2d(image, weight, padding=1))
        rates.append(operations(convolution, shape[0] * shape[1]) / seconds)
    return max(rates)


def tell_steps(photo: Tensor, style: Tensor, losses: Sequence[str], repeats: int) -> None:
    roles = load_roles(SETTINGS, choose(SETTINGS))
    height, width = photo.shape[2:]
    steps = [running(photo, style, SETTINGS.model_copy(update={"style_loss": loss}), roles) for loss in losses]
    network, *taken = medians(repeats, of_network(photo, roles), *(partial(next, each) for each in steps))
    for loss, step in zip(losses, taken, strict=True):
        print(
            f"{width}x{height}, {loss}: a step {step:.3f} s, of it the network {network:.3f} s, "
            f"the rest {1 - network / step:.0%}"
        )
    rate = 2 * sum(operations(each, height * width) for each in used(roles)) / network  # there and back
    most = peak(roles, (height, width), repeats)
    print(f"the network: {rate / 1e9:.0f} GFLOP/s, a direct convolution {most / 1e9:.0f} at most: {rate / most:.0%}")


def running(photo: Tensor, style: Tensor, settings: impasto.StylizeSettings, roles: Roles) -> Iterator[Step]:
    """Steps of a search that L-BFGS remembers some of."""
    shape = (photo.shape[2], photo.shape[3])
    objective = Targets(photo, [style], whole([1.0]), settings).objective_at(Level(shape, 1.0, 1), roles)
    steps = lbfgs(Pixels(shape).picture(Pixels(shape).free(photo)), objective, settings)
    for _ in range(_HISTORY):
        next(steps)
    return steps


def tell_start(content: Path, style: Path, repeats: int) -> None:
    words = [sys.executable, "-m", "impasto"]
    (helped,) = medians(repeats, lambda: subprocess.run([*words, "--help"], check=True, capture_output=True))
    with tempfile.TemporaryDirectory() as folder:
        first = median(until_first_step([*words, "stylize", str(content), str(style)], Path(folder)) for _ in range(3))
    print(f"the help text after {helped:.2f} s, the first step after {first:.1f} s")


def until_first_step(command: list[str], folder: Path) -> float:
    """Seconds until the first preview is there."""
    preview = folder / "preview.png"
    preview.unlink(missing_ok=True)
    begin = time.perf_counter()
    run = subprocess.Popen([*command, "-o", str(folder / "out.png"), "--preview", str(preview), "--quiet"])
    while not preview.exists() and run.poll() is None:
        time.sleep(0.01)
    taken = time.perf_counter() - begin
    run.kill()
    if run.wait() > 0:
        raise SystemExit("the command failed; what it says is above")
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="CONTENT STYLE")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--style-losses", default="wasserstein,gram", help="the default, and that of the papers")
    options = parser.parse_args()
    keep_freed_memory()  # as the command does
    with tempfile.TemporaryDirectory() as folder:
        pictures = options.pictures
        if not pictures:
            pictures = [Path(folder) / name for name in ("content.png", "style.png")]
            for picture, path in zip(sample_pictures(), pictures, strict=True):
                picture.save(path)
        precision = str(choose(SETTINGS).dtype).removeprefix("torch.")
        print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {precision}")
        tell_steps(*opened(*pictures, options.size), options.style_losses.split(","), options.repeats)
        tell_start(*pictures, options.repeats)


if __name__ == "__main__":
    main()
