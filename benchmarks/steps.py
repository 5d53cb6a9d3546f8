"""Where the time of a step goes, how fast the network computes, and how soon the command begins.

    python benchmarks/steps.py [CONTENT STYLE] [--size 512] [--repeats 7]

- The network, forward and backward, against the whole step: the rest is losses, solver and pixels.
- GFLOP/s of the network's convolutions, counted as direct ones need them, against the best that a single direct
  convolution of its shapes reaches here. Winograd's convolutions do with fewer, so the share may be over 1.
- Seconds from the command to the help text, and to the first step of a picture.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from losses import of_network
from scene import opened
from time_to_loss import sample_pictures
from timing import medians

import impasto
from impasto.devices import choose, keep_freed_memory
from impasto.engine.parameters import Pixels
from impasto.engine.pyramid import Level
from impasto.engine.regions import whole
from impasto.engine.roles import Roles, load_roles
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


def tell_steps(content: Path, style: Path, size: int, repeats: int) -> None:
    roles = load_roles(SETTINGS, choose(SETTINGS))
    photo, model = opened(content, style, size)
    shape = (photo.shape[2], photo.shape[3])
    objective = Targets(photo, [model], whole([1.0]), SETTINGS).objective_at(Level(shape, 1.0, 1), roles)
    steps = lbfgs(Pixels(shape).picture(Pixels(shape).free(photo)), objective, SETTINGS)
    for _ in range(_HISTORY):
        next(steps)
    step, network = medians(repeats, lambda: next(steps), of_network(photo, roles))
    done = 2 * sum(operations(each, shape[0] * shape[1]) for each in used(roles))  # there and back
    most = peak(roles, shape, repeats)
    rest, rate = 1 - network / step, done / network
    print(f"{shape[1]}x{shape[0]}: a step {step:.3f} s, of it the network {network:.3f} s, the rest {rest:.0%}")
    print(f"the network: {rate / 1e9:.0f} GFLOP/s, a direct convolution {most / 1e9:.0f} at most: {rate / most:.0%}")


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
    run.wait()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="CONTENT STYLE")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=7)
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
        tell_steps(*pictures, options.size, options.repeats)
        tell_start(*pictures, options.repeats)


if __name__ == "__main__":
    main()
