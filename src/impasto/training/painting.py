"""What is common to all who teach a network that paints: how it paints in a lesson, and what it is to make small."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from impasto.engine.balance import balance
from impasto.engine.looks import look
from impasto.engine.restyling import paint, painted_over
from impasto.images.resize import resize
from impasto.networks.feedforward import FeedForward
from impasto.settings import LookSettings

_COPY = 4.0
"""Weight of the mean absolute difference from the photo, at strength 0."""


@dataclass(frozen=True)
class Report:
    """How a training run stands."""

    step: int
    """Steps done."""
    share: float
    """Of all steps, or of the time where that ends first."""
    losses: dict[str, float]
    """`content` and `style`, each as a share of its target, and `copy`, what a photo at strength 0 is off by."""
    elapsed: float
    """Seconds since this run began, or went on."""
    remaining: float
    """Seconds left, estimated."""


OnReport = Callable[[Report], object]


class Painter(nn.Module):
    """All that is trained, in one call, which is what several devices can share."""

    def __init__(self, network: FeedForward) -> None:
        super().__init__()
        self.network = network

    def forward(self, photos: Tensor, styles: Tensor, strengths: Tensor, origin: tuple[int, int], over: bool) -> Tensor:
        """Each photo painted in the look of its style, with the noise that begins at `origin`.

        With `over`, over a painting of half the size, from which nothing is learned.
        """
        shares = strengths[:, None, None]
        if over:
            half = photos.shape[2] // 2, photos.shape[3] // 2
            with torch.no_grad():
                small = paint(self.network, resize(photos, half), look(self.network, resize(styles, half)), shares)
            photos = painted_over(photos, small, shares[..., None])
        return paint(self.network, photos, look(self.network, styles), shares, origin)


def objective(losses: dict[str, Tensor], strengths: Tensor) -> Tensor:
    """What a step makes smaller: each picture's losses, weighed by its strength."""
    weights = [balance(LookSettings(strength=strength)) for strength in strengths.tolist()]
    content, style = (
        strengths.new_tensor([getattr(weight, name) for weight in weights]) for name in ("content", "style")
    )
    each = content * losses["content"] + style * (losses["style"] + LookSettings().chroma_weight * losses["chroma"])
    return (each + _COPY * (1 - strengths) ** 4 * losses["copy"]).mean()
