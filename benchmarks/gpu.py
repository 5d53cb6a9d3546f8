"""A graphics card: whether it paints what the processor paints, and how near its steps come to what it can do.

    python benchmarks/gpu.py [CONTENT STYLE] [--device cuda] [--sizes 512,1024,2048] [--steps 100]

First the slope of the whole objective, on the card against the processor in float32. Then, for each size and precision,
milliseconds of a step of L-BFGS over many steps, beside the least that the network's convolutions could take at the
rate that the card multiplies large matrices in that precision, and the memory that the steps took. On an H100 that
least is about 0.38 ms at 512 pixels in bfloat16. With `--device cpu` it tries itself out.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import torch
from scene import opened
from steps import operations, used
from time_to_loss import sample_pictures

import impasto
from impasto.devices import Compute
from impasto.engine.objective import Objective
from impasto.engine.pyramid import Level
from impasto.engine.regions import whole
from impasto.engine.roles import load_roles
from impasto.engine.solvers.lbfgs import lbfgs
from impasto.engine.targets import Targets

_WARM_UP = 10
_MATRIX = 4096
CPU = torch.device("cpu")


def objective_and_photo(pictures: list[Path], size: int, compute: Compute) -> tuple[Objective, torch.Tensor]:
    settings = impasto.StylizeSettings()
    photo, model = (each.to(compute.device) for each in opened(*pictures, size))
    targets = Targets(photo, [model], whole([1.0]), settings)
    level = Level((photo.shape[2], photo.shape[3]), 1.0, 1)
    return targets.objective_at(level, load_roles(settings, compute)), photo


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    """Of one call, with all that the device still has to do."""
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    wait()
    begin = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - begin


def matrix_rate(compute: Compute) -> float:
    """Operations a second of a large matrix product."""
    side = _MATRIX if compute.device.type == "cuda" else _MATRIX // 8
    first, second = (torch.rand(side, side, device=compute.device).to(compute.dtype) for _ in range(2))
    best = min(seconds_of(lambda: first @ second, compute.device) for _ in range(10))
    return 2 * side**3 / best


def tell_agreement(pictures: list[Path], size: int, device: torch.device) -> None:
    """The slope at the photo, against that of the processor in float32."""
    objective, photo = objective_and_photo(pictures, size, Compute(CPU, torch.float32))
    losses, slope = objective.slope(photo)
    print(f"{'against the processor':>24} {'losses':>10} {'slope':>10}")
    for dtype in (torch.float32, torch.bfloat16):
        objective, photo = objective_and_photo(pictures, size, Compute(device, dtype))
        found, own = objective.slope(photo)
        worst = max(abs(found[name].item() / losses[name].item() - 1) for name in losses if losses[name] > 0)
        error = (own.cpu() - slope).norm() / slope.norm()
        print(f"{_word(dtype):>24} {worst:>10.1e} {error:>10.1e}", flush=True)


def tell_steps(pictures: list[Path], size: int, compute: Compute, count: int) -> None:
    """Milliseconds of a step, and of the floor."""
    objective, photo = objective_and_photo(pictures, size, compute)
    if compute.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    steps = lbfgs(photo, objective, impasto.StylizeSettings())
    for _ in range(_WARM_UP):
        next(steps)
    taken = seconds_of(lambda: [next(steps) for _ in range(count)], compute.device) / count
    roles = load_roles(impasto.StylizeSettings(), compute)
    pixels = photo.shape[2] * photo.shape[3]
    floor = 2 * sum(operations(each, pixels) for each in used(roles)) / matrix_rate(compute)
    memory = torch.cuda.max_memory_allocated() / 2**30 if compute.device.type == "cuda" else float("nan")
    shape = f"{photo.shape[3]}x{photo.shape[2]} {_word(compute.dtype)}"
    print(f"{shape:>24} {1e3 * taken:>10.2f} {1e3 * floor:>10.2f} {taken / floor:>10.1f} {memory:>10.2f}", flush=True)


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="CONTENT STYLE")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--sizes", default="512,1024,2048")
    parser.add_argument("--steps", type=int, default=100)
    options = parser.parse_args()
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        parser.exit(1, "no graphics card that PyTorch can use is here. Try it out with --device cpu --sizes 128\n")
    pictures = options.pictures or list(sample_pictures())
    sizes = [int(size) for size in options.sizes.split(",")]
    tell_agreement(pictures, min(sizes), device)
    print(f"\n{'':>24} {'ms a step':>10} {'least':>10} {'times':>10} {'GiB':>10}")
    for size in sizes:
        for dtype in (torch.bfloat16, torch.float32):
            tell_steps(pictures, size, Compute(device, dtype), options.steps)


if __name__ == "__main__":
    main()
