"""Time to equal loss, side by side with pastiche 1.6.0: the same picture, the same objective, the same machine.

    python benchmarks/time_to_loss.py [CONTENT STYLE] [--size 512] [--steps 500] [--repeats 1]

pastiche runs by its own command line, with its defaults; impasto minimizes pastiche's objective, whose weights are
handed to it as layer weights. Each picture is then judged by pastiche's own network and formula in float32: once as
the solver holds it (the iterate; pastiche leaves [0, 1] there) and once as the 8-bit file that the user gets.
Both clocks start with the tool's work, after Python has loaded its libraries. Runs are interleaved; medians are told.
Without pictures, a photo of scikit-image and a drawn style are taken.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from pastiche.pastiche import DEFAULT_CONTENT_LAYERS, DEFAULT_STYLE_LAYERS, VGG_MEAN, gram
from pastiche.vgg19 import VGG19
from PIL import Image
from torch import Tensor

import impasto
from impasto.allocator import keep_freed_memory
from impasto.devices import choose
from impasto.engine.balance import balance
from impasto.engine.objective import Objective
from impasto.engine.optimize import Optimization, with_details_of
from impasto.engine.progress import Progress
from impasto.engine.pyramid import Level
from impasto.engine.regions import whole
from impasto.engine.roles import load_roles, load_sketch
from impasto.engine.targets import Targets
from impasto.images.resize import fit, same_area, scaled
from impasto.methods.start import starting_picture
from impasto.settings import ComputeSettings

_SKETCHES = {0.25: 40, 0.5: 20, 1.0: 20}
"""Steps of the student at each scale..."""
_LEAST = 32
"""...that leaves so many pixels at the shorter side."""
_EVERY = 2
"""Steps of impasto between two pictures that are judged: judging takes a good part of a step's time."""

Curve = list[tuple[float, float]]
"""(seconds, loss), in the order of time."""


class Judge:
    """pastiche's objective, told for any picture (1, 3, H, W) in RGB whose 0 is black and whose 1 is white."""

    def __init__(self, content: Tensor, style: Tensor) -> None:
        folder = Path(sys.modules["pastiche"].__file__).parent
        self._network = VGG19.from_quantized_bin(folder / "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin")
        self.content = self._look(content, DEFAULT_CONTENT_LAYERS)
        self.style = {layer: gram(seen) for layer, seen in self._look(style, DEFAULT_STYLE_LAYERS).items()}

    def __call__(self, picture: Tensor) -> float:
        seen = self._look(picture, [*DEFAULT_CONTENT_LAYERS, *DEFAULT_STYLE_LAYERS])
        loss = sum(0.01 * (seen[layer] - target).square().mean() for layer, target in self.content.items())
        for layer, target in self.style.items():
            loss += 10 / len(target) ** 2 * (gram(seen[layer]) - target).square().mean()
        return float(loss)

    def weights(self) -> dict[str, object]:
        """impasto's settings for the same objective: they undo its division of each loss by its target's size."""
        content = 0.01 * self.content[DEFAULT_CONTENT_LAYERS[0]].square().mean().item()
        style = {
            f"relu{layer[5]}_{layer[-1]}": 10 / len(target) ** 4 * target.square().sum().item()
            for layer, target in self.style.items()
        }
        heaviness, even = sum(style.values()), balance(impasto.StylizeSettings())
        total = content + heaviness
        return {
            "style_loss": "gram",
            "chroma_weight": 0.0,
            "content_weight": content / total / even.content,
            "style_weight": heaviness / total / even.style,
            "style_layers": {layer: weight / heaviness for layer, weight in style.items()},
        }

    def _look(self, picture: Tensor, layers: list[str]) -> dict[str, Tensor]:
        with torch.no_grad():
            return self._network(picture.flip(1) * 255 - torch.tensor(VGG_MEAN).view(1, 3, 1, 1), layers)


def as_saved(picture: Tensor) -> Tensor:
    return (picture * 255).round().clamp(0, 255) / 255


def opened(path: Path) -> Tensor:
    return impasto.images.read(path, impasto.StylizeSettings()).pixels


def run_pastiche(content: Path, style: Path, steps: int, folder: Path) -> tuple[Curve, dict[int, Path]]:
    """The iterate's curve as pastiche itself prints it, and the files that it writes on the way, by step."""
    sizes = [str(max(Image.open(path).size)) for path in (content, style)]
    command = [sys.executable, "-m", "pastiche", "-c", str(content), "-s", str(style), "-o", str(folder / "end.png")]
    command += ["--size", sizes[0], "--style-size", sizes[1], "--num-steps", str(steps), "--info-step", "10"]
    command += ["--workspace", str(folder), "--workspace-step", "100", "--seed", "0", "--device", "cpu"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    table = lines[lines.index("---- ------- ----") + 1 :]
    curve = [(float(seconds), float(loss)) for _, seconds, loss in map(str.split, table)]
    return curve, {int(path.stem): path for path in folder.glob("[0-9]*.png")}


def run_impasto(content: Tensor, style: Tensor, judge: Judge, iterations: int) -> tuple[Curve, Curve]:
    """The curves of the iterate and of the picture as saved, at full size, both judged after the run.

    It is impasto's own recipe (`methods.iterative`), but for two things. pastiche's network pads with zeros, and to
    minimize just what it measures, impasto's have to do so here as well. And after the student's sketches all steps are
    left to VGG-19 at full size: this objective wants what only it can see.
    """
    begin, pictures = time.monotonic(), []
    settings = impasto.StylizeSettings.checked(judge.weights() | {"history": 60, "device": "cpu"})
    compute = choose(settings)
    roles = load_roles(settings, compute)
    sketch = load_sketch(settings, roles, compute)
    assert sketch
    for layer in (*roles.style.network.modules(), *sketch.style.network.modules()):
        if isinstance(layer, torch.nn.Conv2d):
            layer.padding_mode = "zeros"
    regions = whole([1.0])
    targets = Targets(content, [style], regions, settings)
    size = content.shape[2], content.shape[3]
    start = starting_picture(content, [style], [1.0], settings, regions)

    def keep(progress: Progress) -> None:
        if progress.step > sketched and progress.step % _EVERY == 0:
            pictures.append((time.monotonic() - begin, progress.image))

    def objective_at(level: Level, careful: bool) -> Objective:
        return targets.objective_at(level, sketch if level.sketched else roles)

    levels = [
        Level(scaled(size, scale), scale, steps, sketched=True)
        for scale, steps in _SKETCHES.items()
        if scale * min(size) >= _LEAST
    ]
    sketched = sum(level.steps for level in levels)
    levels.append(Level(size, 1.0, iterations))
    Optimization(start, levels, objective_at, settings, keep, with_details_of(start)).run()
    return (
        [(seconds, judge(picture)) for seconds, picture in pictures],
        [(seconds, judge(as_saved(picture))) for seconds, picture in pictures],
    )


def time_to(loss: float, curve: Curve) -> float:
    """Seconds at which the curve first is at `loss` or below; infinite where it never is."""
    return next((seconds for seconds, reached in curve if reached <= loss), float("inf"))


def prepared(source: Image.Image, shape: tuple[int, int], path: Path) -> Path:
    """The picture at the very size that both tools will work with, so that neither resizes it its own way."""
    source.convert("RGB").resize(shape[::-1], Image.Resampling.LANCZOS).save(path)
    return path


def sample_pictures() -> tuple[Image.Image, Image.Image]:
    sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
    from skimage import data

    from drawn import STYLES

    return Image.fromarray(data.coffee()), STYLES["brush_strokes"](width=640, height=512)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="CONTENT STYLE")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=500, help="steps of pastiche")
    parser.add_argument("--iterations", type=int, default=240, help="steps of impasto at full size")
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()

    keep_freed_memory()  # as the command does
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        photo, painting = map(Image.open, options.pictures) if options.pictures else sample_pictures()
        shape = fit(photo.height, photo.width, options.size)
        content = prepared(photo, shape, here / "content.png")
        area = (shape[0] * shape[1]) ** 0.5
        style = prepared(painting, same_area(painting.height, painting.width, area), here / "style.png")
        judge = Judge(opened(content), opened(style))
        theirs, ours = [], []
        for repeat in range(options.repeats):
            ours.append(run_impasto(opened(content), opened(style), judge, options.iterations))
            (here / str(repeat)).mkdir()
            theirs.append(run_pastiche(content, style, options.steps, here / str(repeat)))
        report(theirs, ours, judge, options.steps, shape)


def report(theirs: list, ours: list, judge: Judge, steps: int, shape: tuple[int, int]) -> None:
    precision = str(choose(ComputeSettings(device="cpu")).dtype).removeprefix("torch.")
    print(
        f"{shape[1]}x{shape[0]}, {torch.get_num_threads()} threads, torch {torch.__version__}, pastiche in float32, ",
        end="",
    )
    print(f"impasto in {precision}")
    print(f"{'pastiche':>9} {'its loss':>10} {'its time':>9} {'impasto':>9} {'faster':>7}   on the iterate")
    for step in [step for step in (100, 200, 300, 500) if step <= steps]:
        loss = statistics.median(curve[step // 10][1] for curve, _ in theirs)
        slow = statistics.median(curve[step // 10][0] for curve, _ in theirs)
        fast = statistics.median(time_to(loss, iterate) for iterate, _ in ours)
        print(f"{step:>4} step {loss:>10.0f} {slow:>8.1f}s {fast:>8.1f}s {slow / fast:>6.1f}x")
    print("as saved, the same:")
    for step in sorted(theirs[0][1])[1:]:
        loss = statistics.median(judge(opened(files[step])) for _, files in theirs)
        slow = statistics.median(curve[step // 10][0] for curve, _ in theirs)
        fast = statistics.median(time_to(loss, saved) for _, saved in ours)
        print(f"{step:>4} step {loss:>10.0f} {slow:>8.1f}s {fast:>8.1f}s {slow / fast:>6.1f}x")
    last = [(saved[-1][0], min(loss for _, loss in saved), min(loss for _, loss in iterate)) for iterate, saved in ours]
    seconds, saved, iterate = (statistics.median(column) for column in zip(*last, strict=True))
    print(f"impasto ends after {seconds:.1f} s at {iterate:.0f}, as saved {saved:.0f}")


if __name__ == "__main__":
    main()
