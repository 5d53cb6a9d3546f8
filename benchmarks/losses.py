"""What each style loss costs for itself, beside the network that it looks through: seconds forward and backward.

    python benchmarks/losses.py [CONTENT STYLE] [--sizes 128,256,512] [--repeats 5]

Without pictures, a cup and drawn brush strokes. The network's figure is one pass to the layers that the losses look at
and back; a loss's is what comes on top of it in every step. Medians, in turns, by threads and precision as `impasto
info` tells them.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from scene import opened
from time_to_loss import sample_pictures
from timing import medians
from torch import Tensor

import impasto
from impasto.allocator import keep_freed_memory
from impasto.devices import choose
from impasto.engine.objective import Objective, View
from impasto.engine.pyramid import Level
from impasto.engine.regions import whole
from impasto.engine.roles import Roles, load_roles
from impasto.engine.targets import Targets
from impasto.losses import STYLE_LOSSES
from impasto.networks import NetworkSpec


@dataclass(frozen=True)
class Given:
    """A network that takes no time: it knows what it will see."""

    spec: NetworkSpec
    features: dict[str, Tensor]

    def each(self, image: Tensor, layers: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        yield from self(image, layers).items()

    def __call__(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        return {layer: self.features[layer].detach().requires_grad_() for layer in layers}


def of_network(photo: Tensor, roles: Roles) -> Callable[[], object]:
    """The network alone, forward and backward, with slopes of ones."""
    layers = [*roles.style.layers, *roles.content.layers]
    with torch.no_grad():
        slopes = [torch.ones_like(each) for each in roles.style.network(photo, layers).values()]

    def work() -> None:
        image = photo.clone().requires_grad_()
        torch.autograd.grad(list(roles.style.network(image, layers).values()), image, slopes)

    return work


def of_loss(name: str, photo: Tensor, style: Tensor, roles: Roles) -> Callable[[], object]:
    settings = impasto.StylizeSettings(style_loss=name)
    level = Level((photo.shape[2], photo.shape[3]), 1.0, 1)
    (view,) = Targets(photo, [style], whole([1.0]), settings).objective_at(level, roles).views
    terms = [term for term in view.terms if term.name.startswith("style")]
    with torch.no_grad():
        features = roles.style.network(photo, list(roles.style.layers))

    def work() -> None:
        given = Given(roles.style.network.spec, features)
        values = Objective([View(given, terms, view.columns)])(photo.clone().requires_grad_())
        torch.autograd.backward(torch.stack(list(values.values())).sum())

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="CONTENT STYLE")
    parser.add_argument("--sizes", default="128,256,512")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    keep_freed_memory()  # as the command does
    settings = impasto.StylizeSettings(device="cpu")
    compute = choose(settings)
    roles = load_roles(settings, compute)
    content, painting = options.pictures or sample_pictures()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {compute.dtype}")
    print(f"{'':>9} {'network':>8} " + " ".join(f"{name:>18}" for name in STYLE_LOSSES))
    for size in map(int, options.sizes.split(",")):
        photo, style = opened(content, painting, size)
        losses = [of_loss(name, photo, style, roles) for name in STYLE_LOSSES]
        network, *row = medians(options.repeats, of_network(photo, roles), *losses)
        told = " ".join(f"{seconds:>9.3f} ({seconds / network:>5.0%})" for seconds in row)
        print(f"{photo.shape[3]:>4}x{photo.shape[2]:<4} {network:>8.3f} {told}", flush=True)


if __name__ == "__main__":
    main()
