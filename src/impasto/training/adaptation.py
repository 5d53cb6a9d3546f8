"""Teach a network that paints any style a single one better, by small changes of its decoder (`networks.adaptation`).

All the rest of it stays as it is, so what was learned is some ten thousand numbers in the file of a style, and fades
with the strength, and among other styles, just as the style does.
"""

import math
import random
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import torch
from torch import Tensor, nn
from torch.func import functional_call

from impasto import devices, networks
from impasto.engine.looks import share_of
from impasto.errors import SettingsError
from impasto.networks.adaptation import Adaptation, begun, changed
from impasto.networks.feedforward import load_feedforward
from impasto.settings import ComputeSettings, LearnSettings
from impasto.training.crops import KeptCrops, split
from impasto.training.painting import OnReport, Painter, Report, objective
from impasto.training.style_losses import style_losses

_FARTHEST = 4.0
"""The most that a picture's short side measures in pieces: up close there are strokes, from afar there are shapes."""
_WARM_UP = 20
"""Steps over which the rate rises from nothing."""
_LONGEST = 1.0
"""Gradients are cut to this length."""


class Lessons:
    """Photos on which styles are learned: they are read once for all of them."""

    def __init__(self, photos: Sequence[Path], settings: LearnSettings) -> None:
        """Raises `ImpastoError` for folders, settings and networks that cannot be used."""
        self._settings = settings
        self._device = devices.choose(ComputeSettings()).device
        self._painter = Painter(load_feedforward(settings.painter)).to(self._device)
        self._judge = networks.load(settings.loss_network).to(self._device)
        self._photos = KeptCrops(split(photos)[0], settings.side, settings.seed, _FARTHEST)

    def learn(self, picture: Path, on_report: OnReport) -> Adaptation:
        """What is learned of a picture. Raises `ImpastoError` for one that cannot be used, and for a rate too high."""
        settings, began, told = self._settings, monotonic(), dict[str, float]()
        styles = KeptCrops(split([picture])[0], settings.side, settings.seed + 1, _FARTHEST)
        start = begun(self._painter.network, torch.Generator().manual_seed(settings.seed))
        learned = {name: nn.Parameter(part.to(self._device)) for name, part in start.items()}
        optimizer = torch.optim.Adam(learned.values(), betas=(0.9, 0.99))
        for step in range(settings.steps):
            for group in optimizer.param_groups:
                group["lr"] = settings.rate * min(1, (step + 1) / _WARM_UP) * (1 - step / settings.steps)
            losses = self._losses(step, styles, learned)
            if not all(map(math.isfinite, losses.values())):
                raise SettingsError("rate: the losses are no numbers any more. Use a smaller --rate.")
            nn.utils.clip_grad_norm_(learned.values(), _LONGEST)
            optimizer.step()
            optimizer.zero_grad()
            told = {name: 0.95 * told.get(name, loss) + 0.05 * loss for name, loss in losses.items()}
            share, elapsed = (step + 1) / settings.steps, monotonic() - began
            on_report(Report(step + 1, share, told, elapsed, elapsed * (1 - share) / share))
        return {name: part.detach().cpu() for name, part in learned.items()}

    def _losses(self, step: int, styles: KeptCrops, learned: Adaptation) -> dict[str, float]:
        """The losses of a step, and their gradient in what is learned."""
        batch, chance = self._settings.batch, random.Random(f"{self._settings.seed} {step}")
        numbers = range(step * batch, (step + 1) * batch)
        photos, pieces = (each(numbers).to(self._device) for each in (self._photos, styles))
        strength = math.sqrt(chance.random())  # mostly high, where there is most to learn
        origin, over = (chance.randrange(2**16), chance.randrange(2**16)), chance.random() < 0.5
        strengths = torch.full((batch,), strength, device=self._device)
        weights = changed(self._painter.network, learned, share_of(strength))
        painted: Tensor = functional_call(
            self._painter,
            {f"network.{name}": weight for name, weight in weights.items()},
            (photos, pieces, strengths, origin, over),
        )
        losses = style_losses(painted, photos, pieces, self._judge)
        objective(losses, strengths).backward()  # type: ignore[no-untyped-call]
        return {name: losses[name].mean().item() for name in ("content", "style")}
