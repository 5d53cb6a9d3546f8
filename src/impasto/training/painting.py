"""What is common to all who teach a network that paints: how it paints in a lesson, and what it is to make small."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from impasto import devices
from impasto.engine.balance import balance
from impasto.engine.looks import look
from impasto.engine.restyling import paint, painted_over
from impasto.images.resize import resize
from impasto.networks.feedforward import FeedForward
from impasto.settings import LookSettings

FARTHEST = 4.0
"""The most that a picture's short side measures in pieces: up close there are strokes, from afar there are shapes."""
_CONTENT = 0.75
"""Of what a search weighs content: one pass comes less near to a style, and must be asked for more of it."""
_NO_SIZE = 1e-9
"""The least mean square of features that there is."""
_CHROMA = 5.0
"""Of what style weighs: that of the variation of color."""
_COPY = 4.0
"""Weight of the mean absolute difference from the photo, at strength 0."""
_ARTIFACTS = {"grain": 0.15, "weave": 0.15, "grid": 0.03}
"""Weights of what neither picture has."""


class Learner(nn.Module):
    """A network that paints, while it learns: a whole lesson in one call."""

    def __init__(self, network: FeedForward) -> None:
        super().__init__()
        self.network = network

    @contextmanager
    def sizes(self) -> Iterator[list[Tensor]]:
        """The mean squares of each level's features in what is painted meanwhile, and learned from."""
        found: list[Tensor] = []

        def measure(part: nn.Module, given: object, features: Tensor) -> None:
            del part, given
            if torch.is_grad_enabled():
                found.append(features.float().square().mean())

        parts = (self.network.enter, *self.network.look, *self.network.up)
        hooks = [part.register_forward_hook(measure) for part in parts]
        try:
            yield found
        finally:
            for hook in hooks:
                hook.remove()

    def forward(self, photos: Tensor, styles: Tensor, strengths: Tensor, origin: Tensor, over: bool) -> Tensor:
        """Each photo painted in the look of its style, with the noise that begins at `origin`.

        With `over`, over a painting of half the size, from which nothing is learned.
        """
        shares = strengths[:, None, None]
        if over:
            with torch.no_grad():
                photo, style = (resize(each, half(each)) for each in (photos, styles))
                small = paint(self.network, photo, look(self.network, style), shares)
            photos = painted_over(photos, small, shares[..., None])
        return paint(self.network, photos, look(self.network, styles), shares, origin)


def drift(sizes: Sequence[Tensor]) -> Tensor:
    """How far the mean squares of features are from 1.

    What is whitened afterwards may have any size, so no other loss holds it, and of two levels that are added up one
    may drown the other.
    """
    return torch.stack([*sizes]).clamp_min(_NO_SIZE).log().square().mean()


def half(pictures: Tensor) -> tuple[int, int]:
    """Half of the size (height, width) of pictures (B, 3, H, W)."""
    return pictures.shape[2] // 2, pictures.shape[3] // 2


def precision_of_training(device: torch.device) -> torch.dtype:
    """Of the judge and of the inner convolutions."""
    return torch.bfloat16 if devices.has_bfloat16(device) else torch.float32


def weights_of(strengths: Sequence[float]) -> Tensor:
    """What each of the losses weighs (N, B) at each strength."""
    balances = [balance(LookSettings(strength=strength)) for strength in strengths]
    return torch.tensor(
        [
            [_CONTENT * each.content for each in balances],
            [each.style for each in balances],
            [_CHROMA * each.style for each in balances],
            [_COPY * (1 - strength) ** 4 for strength in strengths],
            *([weight for _ in strengths] for weight in _ARTIFACTS.values()),
        ]
    )


def objective(losses: dict[str, Tensor], weights: Tensor) -> Tensor:
    """What a step makes smaller: each picture's losses, by the weights (N, B) of its strength."""
    names = ("content", "style", "chroma", "copy", *_ARTIFACTS)
    return (weights * torch.stack([losses[name] for name in names])).sum(0).mean()
