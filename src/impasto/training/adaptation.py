"""Teach a network that paints any style a single one better, by small changes of its decoder (`networks.adaptation`).

All the rest of it stays as it is, so what was learned is some forty thousand numbers in the file of a style, and fades
with the strength, and among other styles, just as the style does.
"""

import math
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

import torch
from torch import Tensor, nn
from torch.func import functional_call

from impasto import devices, networks
from impasto.engine.captured import captured_at_first
from impasto.engine.looks import share_of
from impasto.errors import ImageError, SettingsError
from impasto.networks.adaptation import Adaptation, begun, changed
from impasto.networks.feedforward import load_feedforward
from impasto.settings import ComputeSettings, LearnSettings
from impasto.training.crops import KeptCrops, check_photos, split
from impasto.training.optimizers import Optimizers, adam
from impasto.training.painting import FARTHEST, Learner, objective, precision_of_training, weights_of
from impasto.training.report import OnReport, Report, averaged
from impasto.training.style_losses import STYLE_LAYERS, style_losses

_LAYERS = {**STYLE_LAYERS, "relu5_1": 0.5}
"""What layers count in the style: by the deepest one strokes get longer, but in full it takes too much of the photo."""
_WARM_UP = 20
"""Steps over which the rate rises from nothing."""
_KEEP = 0.95
"""Of the mean of the losses that is told, at each step."""
_LONGEST = 1.0
"""Gradients are cut to this length."""


class Lessons:
    """Photos on which styles are learned: they are read once for all of them."""

    def __init__(self, photos: Sequence[Path], settings: LearnSettings) -> None:
        """Raises `ImpastoError` for folders, settings and networks that cannot be used."""
        check_photos(photos)
        self._settings = settings
        self._device = devices.choose(ComputeSettings()).device
        dtype = precision_of_training(self._device)
        network = load_feedforward(settings.painter).computing(dtype)
        self._learner = Learner(network).to(self._device)
        self._judge = networks.load(settings.loss_network).to(self._device, dtype)
        self._photos = KeptCrops(split(photos)[0], settings.side, settings.seed, FARTHEST)
        self._begun = begun(self._learner.network, torch.Generator().manual_seed(settings.seed))
        # Always the same tensors: what is captured of a step knows them.
        self._learned = {name: nn.Parameter(part.to(self._device, copy=True)) for name, part in self._begun.items()}
        self._evaluate = [captured_at_first(partial(self._with_gradient, over), self._device) for over in (False, True)]

    def learn(self, picture: Path, on_report: OnReport, stop: Event | None = None) -> Adaptation:
        """What is learned of a picture: with all steps, or with those done by the time that `stop` is set.

        Raises `ImpastoError` for a picture that cannot be used, and for a rate too high.
        """
        if not picture.is_file():
            raise ImageError(f"{str(picture)!r}: there is no such file. Check the path.")
        settings, began, told = self._settings, monotonic(), dict[str, float]()
        styles = KeptCrops(split([picture])[0], settings.side, settings.seed + 1, FARTHEST)
        with torch.no_grad():
            for part, first in zip(self._learned.values(), self._begun.values(), strict=True):
                part.copy_(first)
        optimizers = Optimizers({adam(self._learned.values()): settings.rate})
        for step in range(settings.steps):
            if stop and stop.is_set():
                break
            losses = self._find(step, styles)
            if not all(map(math.isfinite, losses.values())):
                raise SettingsError("rate: the losses are no numbers any more. Use a smaller --rate.")
            nn.utils.clip_grad_norm_(self._learned.values(), _LONGEST)
            optimizers.step(min(1, (step + 1) / _WARM_UP) * (1 - step / settings.steps))
            told = averaged(told, losses, _KEEP)
            share, elapsed = (step + 1) / settings.steps, monotonic() - began
            on_report(Report(step + 1, share, told, elapsed, elapsed * (1 - share) / share))
        return {name: part.detach().cpu().clone() for name, part in self._learned.items()}

    def _find(self, step: int, styles: KeptCrops) -> dict[str, float]:
        """The losses of a step, whose gradient what is learned has then."""
        batch, chance = self._settings.batch, random.Random(f"{self._settings.seed} {step}")
        numbers = range(step * batch, (step + 1) * batch)
        strengths = [math.sqrt(chance.random())] * batch  # mostly high, where there is most to learn
        origin, over = torch.tensor([chance.randrange(2**16), chance.randrange(2**16)]), chance.random() < 0.5
        given = self._photos(numbers), styles(numbers), torch.tensor(strengths), weights_of(strengths), origin
        values, *gradients = self._evaluate[over](*(each.to(self._device) for each in given))
        for part, gradient in zip(self._learned.values(), gradients, strict=True):
            part.grad = gradient
        return dict(zip(("content", "style"), values.tolist(), strict=True))

    def _with_gradient(
        self, over: bool, photos: Tensor, styles: Tensor, strengths: Tensor, weights: Tensor, origin: Tensor
    ) -> list[Tensor]:
        """The losses, in a row, and their gradient in every part of what is learned."""
        learned = changed(self._learner.network, self._learned, share_of(strengths[:1]))
        painted: Tensor = functional_call(
            self._learner,
            {f"network.{name}": weight for name, weight in learned.items()},
            (photos, styles, strengths, origin, over),
        )
        losses = style_losses(painted, photos, styles, self._judge, _LAYERS)
        gradients = torch.autograd.grad(objective(losses, weights), [*self._learned.values()])
        return [torch.stack([losses[name].detach().mean() for name in ("content", "style")]), *gradients]
