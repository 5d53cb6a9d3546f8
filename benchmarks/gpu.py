"""A graphics card: whether it paints what the processor paints, and how near its steps come to what it can do.

    python benchmarks/gpu.py [CONTENT STYLE] [--device cuda] [--sizes 512,1024,2048] [--steps 100] [--all 500]

- The gradient of the whole objective, and the loss after 30 steps, on the card against the processor in float32.
- Whether a look at the picture can be captured as a CUDA graph, and what a look takes with it and without.
- How often a step makes the processor wait for the card: none of them should.
- For each size and precision milliseconds of a step of L-BFGS, with the graph and without, beside the least that the
  network's convolutions could take at the rate that the card multiplies large matrices in that precision, and the
  memory that the steps took.
- Seconds of `--all` steps at the first size, of the search alone and of a whole run with its pyramid.
- What the card spends a step on, kernel by kernel.

What fails is told, and the rest goes on. With `--device cpu` it tries itself out.
"""

import argparse
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scene import opened

import impasto
from impasto.devices import Compute
from impasto.engine.graphed import Graphed, capture, graphed
from impasto.engine.objective import Objective
from impasto.engine.optimize import Optimization
from impasto.engine.progress import silent
from impasto.engine.pyramid import Level
from impasto.engine.regions import whole
from impasto.engine.roles import Roles, load_roles
from impasto.engine.solvers import Evaluate, Step, lbfgs
from impasto.engine.solvers.step import with_gradient
from impasto.engine.targets import Targets
from impasto.losses.roots import trace_of_root
from impasto.networks.vgg import VGG19, convolutions

_WARM_UP = 12
"""Steps before any is timed: a look has been captured by then."""
_MATRIX = 4096
_MOST = 1.0
"""Seconds that steps of one kind are timed for, about."""
_SEARCHED = 30
CPU = torch.device("cpu")

Pictures = list[Any]


def objective_and_photo(pictures: Pictures, size: int, compute: Compute) -> tuple[Objective, torch.Tensor]:
    settings = impasto.StylizeSettings()
    photo, model = (each.to(compute.device) for each in opened(*pictures, size))
    targets = Targets(photo, [model], whole([1.0]), settings)
    level = Level((photo.shape[2], photo.shape[3]), 1.0, 1)
    return targets.objective_at(level, roles_of(compute)), photo


@cache
def roles_of(compute: Compute) -> Roles:
    return load_roles(impasto.StylizeSettings(), compute)


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    """Of one call, with all that the device still has to do."""
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    wait()
    begin = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - begin


def seconds_each(work: Callable[[], object], count: int, device: torch.device) -> float:
    """Of one of `count` calls, or of as many as there is time for; after one that is not counted."""
    work()
    fitting = max(1, min(count, int(_MOST / seconds_of(work, device))))
    return seconds_of(lambda: [work() for _ in range(fitting)], device) / fitting


def matrix_rate(compute: Compute) -> float:
    """Operations a second of a large matrix product."""
    side = _MATRIX if compute.device.type == "cuda" else _MATRIX // 8
    first, second = (torch.rand(side, side, device=compute.device).to(compute.dtype) for _ in range(2))
    best = min(seconds_of(lambda: first @ second, compute.device) for _ in range(10))
    return 2 * side**3 / best


def floor(pixels: int, compute: Compute) -> float:
    """Seconds that the network's convolutions take there and back at the rate of a large matrix product."""
    roles = roles_of(compute)
    used = list(convolutions(VGG19))
    names = [each.layer for each in used]
    deepest = max(names.index(layer) for layer in [*roles.style.layers, *roles.content.layers])
    done = sum(9 * each.shape[0] * each.shape[1] * pixels / 4 ** (each.block - 1) for each in used[: deepest + 1])
    return 2 * 2 * done / matrix_rate(compute)


def tell_gradients(pictures: Pictures, size: int, device: torch.device) -> None:
    """The gradient at the photo, against that of the processor in float32."""
    objective, photo = objective_and_photo(pictures, size, Compute(CPU, torch.float32))
    losses, gradient = objective.with_gradient(photo)
    row("against the processor", "losses", "gradient")
    for dtype in (torch.float32, torch.bfloat16):
        objective, photo = objective_and_photo(pictures, size, Compute(device, dtype))
        found, own = objective.with_gradient(photo)
        worst = max(abs(found[name].item() / losses[name].item() - 1) for name in losses if losses[name] > 0)
        error = (own.cpu() - gradient).norm() / gradient.norm()
        row(word(dtype), f"{worst:.1e}", f"{error:.1e}")


def tell_searches(pictures: Pictures, size: int, device: torch.device) -> None:
    """The least loss of a search of a few steps, judged by the processor in float32."""
    judge, _ = objective_and_photo(pictures, size, Compute(CPU, torch.float32))
    row(f"loss after {_SEARCHED} steps", "found", "judged", "to CPU's")
    least = None
    for place, dtype in ((CPU, torch.float32), (device, torch.float32), (device, torch.bfloat16)):
        objective, photo = objective_and_photo(pictures, size, Compute(place, dtype))
        search = searched(objective, photo, _SEARCHED)
        with torch.no_grad():
            judged = sum(value.item() for value in judge(search.image.to(CPU)).values())
        least = least or judged
        row(f"{place.type} {word(dtype)}", f"{search.reached['loss']:.5f}", f"{judged:.5f}", f"{judged / least:.4f}")


def searched(objective: Objective, photo: torch.Tensor, steps: int) -> Optimization:
    """A search of so many steps at the photo's size, as a run does it."""
    level = Level((photo.shape[2], photo.shape[3]), 1.0, steps)
    search = Optimization(
        photo, [level], lambda level, careful: graphed(objective, photo.device), impasto.StylizeSettings(), silent
    )
    search.run()
    return search


def tell_looks(pictures: Pictures, size: int, compute: Compute, count: int) -> None:
    """Milliseconds of a look and its gradient, without L-BFGS; why a capture failed, if it did."""
    objective, photo = objective_and_photo(pictures, size, compute)
    for _ in range(3):
        objective.with_gradient(photo)
    row("a look, ms", "plain", "graph", "capture", "apart")
    plain = 1e3 * seconds_each(lambda: objective.with_gradient(photo), count, compute.device)
    if compute.device.type != "cuda":
        row(shape(photo, compute), f"{plain:.2f}", "none")
        return
    begin = time.perf_counter()
    look = capture(lambda image: with_gradient(objective, image), photo)
    taken = time.perf_counter() - begin
    (_, gradient), (_, own) = objective.with_gradient(photo), look(photo)
    error = ((own - gradient).norm() / gradient.norm()).item()
    repeated = 1e3 * seconds_each(lambda: look(photo), count, compute.device)
    row(shape(photo, compute), f"{plain:.2f}", f"{repeated:.2f}", f"{1e3 * taken:.0f}", f"{error:.1e}")


def steps_of(objective: Evaluate, photo: torch.Tensor) -> Iterator[Step]:
    """Those of L-BFGS that come after the warm-up."""
    steps = lbfgs(photo, objective, impasto.StylizeSettings())
    return islice(steps, _WARM_UP, None)


def tell_steps(pictures: Pictures, size: int, compute: Compute, count: int) -> None:
    """Milliseconds of a step, and of the floor."""
    objective, photo = objective_and_photo(pictures, size, compute)
    cuda = compute.device.type == "cuda"
    taken = []
    for kind in (objective, Graphed(objective)) if cuda else (objective,):
        if cuda:
            torch.cuda.reset_peak_memory_stats()
        steps = steps_of(kind, photo)
        taken.append(seconds_each(lambda steps=steps: next(steps), count, compute.device))
        del steps
    least = floor(photo.shape[2] * photo.shape[3], compute)
    memory = f"{torch.cuda.max_memory_allocated() / 2**30:.2f}" if cuda else "none"
    quick = f"{1e3 * taken[1]:.2f}" if cuda else "none"
    row(
        shape(photo, compute), f"{1e3 * taken[0]:.2f}", quick, f"{1e3 * least:.2f}", f"{min(taken) / least:.1f}", memory
    )


def tell_waits(pictures: Pictures, size: int, compute: Compute) -> None:
    """How often the processor waited for the card in eight steps, and where."""
    if compute.device.type != "cuda":
        row("waits in eight steps", "none")
        return
    objective, photo = objective_and_photo(pictures, size, compute)
    for name, kind in (("plain", objective), ("graph", Graphed(objective))):
        steps = steps_of(kind, photo)
        next(steps)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            torch.cuda.set_sync_debug_mode("warn")
            try:
                for _ in range(8):
                    next(steps)
            finally:
                torch.cuda.set_sync_debug_mode("default")
        waits = [each for each in caught if "called a synchronizing" in str(each.message)]
        row(f"waits in 8 steps, {name}", str(len(waits)))
        places = Counter(f"{Path(each.filename).name}:{each.lineno}" for each in waits)
        for place, times in places.most_common(8):
            print(f"{'':>24} {times} x {place}", flush=True)


def tell_search(pictures: Pictures, size: int, compute: Compute, steps: int) -> None:
    """Seconds of a search at one size, the losses told and the best picture kept."""
    objective, photo = objective_and_photo(pictures, size, compute)
    searched(objective, photo, _WARM_UP)  # the libraries are there
    found = []
    seconds = seconds_of(lambda: found.append(searched(objective, photo, steps)), compute.device)
    row(f"{steps} steps, one size", f"{seconds:.2f} s", f"{found[0].reached['loss']:.5f}", found[0].stopped)


def tell_run(pictures: Pictures, size: int, device: torch.device, steps: int) -> None:
    """Seconds of a whole run, pyramid and sketch and all; the second one has all libraries loaded."""
    for name in ("first", "second"):
        found = []
        seconds = seconds_of(
            lambda found=found: found.append(
                impasto.stylize(
                    pictures[0], pictures[1], size=size, iterations=steps, device=str(device), protect="none"
                )
            ),
            device,
        )
        trace = found[0].trace
        searching = trace[-1]["seconds"]
        row(f"{steps} steps, {name} run", f"{seconds:.2f} s", f"{searching:.2f} s", f"{trace[-1]['loss']:.5f}")
        sizes = Counter(tuple(entry["size"]) for entry in trace)
        at = {each: max(entry["seconds"] for entry in trace if tuple(entry["size"]) == each) for each in sizes}
        for each, count in sizes.items():
            print(f"{'':>24} {each[0]}x{each[1]}: {count} steps, done after {at[each]:.2f} s", flush=True)


def tell_roots(device: torch.device) -> None:
    """Milliseconds of the trace of a matrix root with its gradient, by its number of channels."""
    row("a trace of a root", "plain ms", "graph ms")
    for channels in (64, 128, 256, 512):
        factor = torch.randn(1, channels, 2 * channels, dtype=torch.float64, device=device)
        matrix = factor @ factor.mT
        plain = 1e3 * seconds_each(lambda matrix=matrix: trace_of_root(matrix), 50, device)
        quick = "none"
        if device.type == "cuda":
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                trace_of_root(matrix)
            quick = f"{1e3 * seconds_each(graph.replay, 50, device):.3f}"
        row(str(channels), f"{plain:.3f}", quick)


def tell_kernels(pictures: Pictures, size: int, compute: Compute) -> None:
    """What takes the time of steps with the graph: milliseconds and calls a step of each kernel."""
    if compute.device.type != "cuda":
        return
    objective, photo = objective_and_photo(pictures, size, compute)
    steps = steps_of(Graphed(objective), photo)
    next(steps)
    count = 5
    activities = [torch.profiler.ProfilerActivity.CPU, torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=activities) as profile:
        for _ in range(count):
            next(steps)
        torch.cuda.synchronize()
    spent: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for event in profile.events():
        if event.device_type == torch.autograd.DeviceType.CUDA:
            spent[event.name] += event.time_range.elapsed_us()
            calls[event.name] += 1
    total, launched = sum(spent.values()) / count / 1e3, sum(calls.values()) / count
    print(f"kernels of a step: {launched:.0f}, {total:.2f} ms together", flush=True)
    for name, microseconds in spent.most_common(30):
        print(f"{microseconds / count / 1e3:8.3f} ms {calls[name] / count:6.1f} x {name[:110]}", flush=True)


def row(what: str, *cells: str) -> None:
    print(f"{what:>24}", *(f"{cell:>10}" for cell in cells), flush=True)


def shape(photo: torch.Tensor, compute: Compute) -> str:
    return f"{photo.shape[3]}x{photo.shape[2]} {word(compute.dtype)}"


def word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def tried(tell: Callable[..., None], *arguments: Any) -> None:
    """Tells, or tells why not."""
    begin = time.perf_counter()
    try:
        tell(*arguments)
    except Exception as error:  # whatever it is, the rest is worth knowing
        print(f"{tell.__name__} failed: {type(error).__name__}: {error}", flush=True)
        print("".join(traceback.format_exc().splitlines(keepends=True)[-8:]), flush=True)
    print(f"{'':>24} ({time.perf_counter() - begin:.1f} s)\n", flush=True)


def default_pictures() -> Pictures:
    """A photo and a drawn style; where their library is missing, waves and noise."""
    try:
        from time_to_loss import sample_pictures

        return list(sample_pictures())
    except ImportError:
        draw = np.random.default_rng(0)
        across, down = np.meshgrid(np.linspace(0, 20, 600), np.linspace(0, 14, 420))
        waves = np.stack([np.sin(across + down), np.cos(down), np.sin(across * down / 9)], 2) * 100 + 128
        return [waves.astype(np.uint8), draw.integers(0, 256, (512, 640, 3), dtype=np.uint8)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="CONTENT STYLE")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--sizes", default="512,1024,2048")
    parser.add_argument("--steps", type=int, default=100, help="that are timed, at most")
    parser.add_argument("--all", type=int, default=500, help="steps of whole searches; on the processor --steps")
    options = parser.parse_args()
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        parser.exit(1, "no graphics card that PyTorch can use is here. Try it out with --device cpu --sizes 128\n")
    cuda = device.type == "cuda"
    pictures: Pictures = options.pictures or default_pictures()
    sizes = [int(size) for size in options.sizes.split(",")]
    least, quick = min(sizes), Compute(device, torch.bfloat16)
    steps = options.all if cuda else options.steps
    begin = time.perf_counter()
    print(f"torch {torch.__version__}, {torch.cuda.get_device_name() if cuda else 'a processor'}\n", flush=True)
    tried(tell_looks, pictures, least, quick, options.steps)
    tried(tell_waits, pictures, least, quick)
    row("ms a step", "plain", "graph", "least", "times", "GiB")
    for size in sizes[:1]:
        for dtype in (torch.bfloat16, torch.float32):
            tried(tell_steps, pictures, size, Compute(device, dtype), options.steps)
    tried(tell_search, pictures, least, quick, steps)
    tried(tell_gradients, pictures, least, device)
    tried(tell_searches, pictures, max(64, least // 2), device)
    tried(tell_run, pictures, least, device, max(4, steps))
    tried(tell_kernels, pictures, least, quick)
    tried(tell_roots, device)
    row("ms a step", "plain", "graph", "least", "times", "GiB")
    for size in sizes[1:]:
        for dtype in (torch.bfloat16, torch.float32):
            tried(tell_steps, pictures, size, Compute(device, dtype), options.steps)
    print(f"{time.perf_counter() - begin:.0f} s in all")


if __name__ == "__main__":
    main()
