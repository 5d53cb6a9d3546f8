"""Train a network that paints in one pass, by the losses that optimization makes small.

J. Johnson, A. Alahi, L. Fei-Fei 2016, "Perceptual Losses for Real-Time Style Transfer". Departures: any style, not one;
every pair is painted at a strength of its own, by which the two losses are weighed as everywhere in impasto, content a
little less (`painting`), so that the dial means the same; and Muon (`muon`) for the convolutions.
"""

import logging
import math
import os
import random
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import broadcast, reduce
from torch import Tensor
from torch.nn.utils import get_total_norm

from impasto import devices, networks
from impasto.engine import checkpoint
from impasto.engine.captured import captured_at_first
from impasto.errors import OutputError, SettingsError
from impasto.images import check_replaceable, replace_file
from impasto.images.resize import resize
from impasto.networks import FeatureNetwork
from impasto.networks.feedforward import FeedForward, feedforward_file, load_feedforward
from impasto.networks.hand import is_of_the_hand
from impasto.settings.train import TrainSettings
from impasto.training.beside import checkpoint_of
from impasto.training.crops import KeptCrops, check_photos, split, varied
from impasto.training.muon import Muon
from impasto.training.optimizers import Optimizers, adam
from impasto.training.painting import FARTHEST, Learner, drift, half, objective, precision_of_training, weights_of
from impasto.training.report import OnReport, Report, averaged
from impasto.training.resume import SAVE_EVERY, described, resume
from impasto.training.style_losses import style_losses
from impasto.training.validation import Validation

_log = logging.getLogger(__name__)

_HALVED = 192
"""Sides of pieces that, halved, are still as large as the smallest picture that is painted."""
_WARM_UP = 50
"""Steps over which the rate rises from nothing."""
_OTHER_RATE = 0.2
"""Of the rate of the convolutions: that of biases and of noise..."""
_HAND_RATE = 0.4
"""...and that of the hand."""
_ITSELF, _PHOTOS = 16, 8
"""One step of so many is shown the content as its own style, and one of so many other photos as styles."""
_TOO_LONG = 3.0
"""Times the usual length of the gradient: longer ones are cut to that. Without it one picture that is all but flat,
whose statistics have hardly a root, would set the course of the next hundred steps."""
_STEADY = 0.01
"""Weight of the drift in size of the features."""
_FAULTS = 10
"""Steps in a row whose losses are no numbers: one may come of a single picture, so many come of the weights."""
_TOLD = ("content", "style", "copy")
"""Losses..."""
_KEEP = 0.98
"""...and the share of their mean that is kept at each step."""
_FIRST_LOOK, _LOOK_EVERY = 60.0, 300.0
"""Seconds until, and between, looks at pictures that are not learned from."""


def train(
    photos: Sequence[Path],
    paintings: Sequence[Path],
    output: Path,
    settings: TrainSettings,
    on_report: OnReport,
    stop: Event | None = None,
) -> None:
    """Trains a network on folders of photos and of paintings, and writes it to `output`.

    A checkpoint lies beside the output: a run that was broken off goes on from there, to the same network, bit by bit
    where there are as many threads and no time is set. Once `stop` is set, one is written, and `KeyboardInterrupt`
    raised, unless all was done by then. Raises `ImpastoError` for folders, pictures, an output or a checkpoint that
    cannot be used, and where the losses are no numbers any more.
    """
    check_replaceable(output)
    check_photos(photos)
    (seen, unseen), (known, new) = split(photos), split(paintings)
    content, styles = (
        KeptCrops(folders, settings.side, settings.seed + place, FARTHEST)
        for place, folders in enumerate((seen, known))
    )
    run = _Run(content, styles, settings, checkpoint_of(output))
    with Validation(unseen, new, run.judge, output) as validation:
        run.train(on_report, validation, stop or Event())
    if PartialState().is_main_process:
        replace_file(output, feedforward_file(run.learner.network))
        run.path.unlink(missing_ok=True)


def _begin_with(start: str, single: bool, network: FeedForward) -> None:
    """Takes up the weights of another network, where the settings say so."""
    if start == "none" or (start == "auto" and not single):
        return
    begun = load_feedforward("" if start in ("auto", "shipped") else start)
    try:
        network.load_state_dict(begun.state_dict())
    except RuntimeError as error:
        raise SettingsError(
            f"start: the network in {start!r} is of another size. Take one that this command made, or none."
        ) from error


def _ahead(device: torch.device) -> int:
    """How many lessons are got ready at a time: where the processor itself learns, it has little time for that."""
    return 1 if device.type == "cpu" else max(1, (os.cpu_count() or 1) // 2)


def _pool(device: torch.device) -> ThreadPoolExecutor:
    """What gets them ready. Beside an accelerator each has one thread: more would be more than there are cores."""
    if device.type == "cpu":
        return ThreadPoolExecutor(_ahead(device))
    return ThreadPoolExecutor(_ahead(device), initializer=torch.set_num_threads, initargs=(1,))


def _since(began: float, device: torch.device) -> float:
    """Seconds, by one clock for all processes: the rate depends on it, and when to end."""
    elapsed = torch.tensor(monotonic() - began, dtype=devices.finest(device), device=device)
    return float(broadcast(elapsed).item())


def _any_is_set(stop: Event, device: torch.device) -> bool:
    """Whether any of the processes is to stop. They do so together: one would wait for the others in vain."""
    return float(reduce(torch.tensor(float(stop.is_set()), device=device), "sum").item()) > 0


class Kind(Enum):
    """What is painted in a lesson."""

    PLAIN = auto()
    """Photos."""
    OVER = auto()
    """Photos over which smaller paintings show."""
    SMALL = auto()
    """Photos, of half the size."""


@dataclass(frozen=True)
class _Lesson:
    """Pictures (B, 3, side, side), how strongly each photo is to be painted, (B,), and where the noise begins (2,)."""

    photos: Tensor
    styles: Tensor
    strengths: Tensor
    origin: Tensor
    kind: Kind

    @property
    def given(self) -> tuple[Tensor, ...]:
        """What the losses are found of."""
        return self.photos, self.styles, self.strengths, weights_of(self.strengths.tolist()), self.origin

    def told(self, losses: Sequence[Sequence[float]]) -> dict[str, float]:
        """Means of the losses of each pair, by name; `copy` only of those at strength 0, where there are some."""
        named = dict(zip(_TOLD, losses, strict=True))
        named["copy"] = [loss for loss, strength in zip(named["copy"], self.strengths, strict=True) if not strength]
        return {name: sum(each) / len(each) for name, each in named.items() if each}


class _Run:
    """A network on its way."""

    def __init__(self, content: KeptCrops, styles: KeptCrops, settings: TrainSettings, path: Path) -> None:
        self.path = path
        """Of the checkpoint."""
        self._content, self._styles, self._settings = content, styles, settings
        self._step, self._spent, self._usual = 0, 0.0, torch.zeros(())
        self._run = described(settings, content, styles)
        torch.manual_seed(settings.seed)
        self.learner = Learner(FeedForward().to(memory_format=torch.channels_last))  # type: ignore[call-overload]
        self._single = sum(map(len, styles.folders)) == 1
        _begin_with(settings.start, self._single, self.learner.network)
        named = dict(self.learner.network.named_parameters())
        hand = {name: named.pop(name) for name in [*named] if is_of_the_hand(name)}
        self._learning = [*hand.values()]
        rates: dict[torch.optim.Optimizer, float] = {adam(hand.values()): _HAND_RATE * settings.rate}
        if settings.parts == "all":
            self._learning = [*self.learner.parameters()]
            last = named.pop("leave.weight")  # only there does the scale mean something: contrast
            turning = [named.pop(name) for name in [*named] if named[name].dim() == 4]
            rates |= {
                Muon(turning, turning=True): settings.rate,
                Muon([last]): settings.rate,
                adam(named.values()): _OTHER_RATE * settings.rate,
            }
        self._optimizers = Optimizers(rates)
        self.learner.requires_grad_(False)
        for parameter in self._learning:
            parameter.requires_grad_()
        self.judge = networks.load(settings.loss_network)
        if path.exists():
            resume(path, self._run, "training", self._take)

    def train(self, on_report: OnReport, validation: Validation, stop: Event) -> None:
        """Does the steps that are left; `KeyboardInterrupt` once `stop` is set."""
        accelerator = Accelerator()
        device = accelerator.device
        dtype = precision_of_training(device)
        self.learner.to(device).network.computing(dtype)
        self._optimizers.to(device)
        judge = self.judge.to(device, dtype)
        evaluate = {kind: captured_at_first(partial(self._with_gradient, judge, kind), device) for kind in Kind}
        kept = checkpoint.Checkpoint(self.path, SAVE_EVERY)
        began, spent, first = monotonic(), self._spent, self._share
        mean: dict[str, float] = {}
        faults, next_look = 0, began + _FIRST_LOOK
        for lesson in self._lessons(accelerator.process_index, accelerator.num_processes, device):
            values, *found = evaluate[lesson.kind](*(each.to(device, non_blocking=True) for each in lesson.given))
            self._step_down(reduce(found, "mean"))
            losses = lesson.told(values.tolist())
            faults = 0 if all(map(math.isfinite, losses.values())) else faults + 1
            if faults == _FAULTS:
                raise SettingsError(
                    f"the losses are no numbers any more. Delete {self.path}, and use a smaller --rate."
                )
            self._step += 1
            elapsed = _since(began, device)
            self._spent = spent + elapsed
            if not faults:
                mean |= averaged(mean, losses, _KEEP)
            remaining = elapsed * (1 - self._share) / max(self._share - first, 1e-9)
            on_report(Report(self._step, self._share, dict(mean), elapsed, max(0.0, remaining)))
            stopped, done = _any_is_set(stop, device), self._share >= 1
            if accelerator.is_main_process:
                (kept.write if stopped or done else kept.keep)(self._state)  # what comes after the last step may fail
                if done or (monotonic() > next_look and not stopped):
                    self._look(validation, mean)
                    next_look = monotonic() + _LOOK_EVERY
            if stopped and not done:
                raise KeyboardInterrupt
        accelerator.wait_for_everyone()

    def _look(self, validation: Validation, mean: dict[str, float]) -> None:
        """Looks at pictures that are not learned from. What cannot be written on the way is told, and ends nothing."""
        try:
            validation.learned(self._step, mean)
            validation.look(self._step, self.learner.network)
        except OutputError as error:
            if self._share >= 1:
                raise
            _log.warning("how it does was not written: %s", error)

    @property
    def _share(self) -> float:
        """Of the training that is done."""
        hours = self._spent / 3600 / self._settings.hours if self._settings.hours else 0.0
        return min(1.0, max(self._step / self._settings.steps, hours))

    def _lessons(self, place: int, places: int, device: torch.device) -> Iterator[_Lesson]:
        """This place's own lessons: the next ones are got ready while one is learned."""
        numbers = count(self._step * places + place, places)
        with _pool(device) as pool:
            coming = deque(pool.submit(self._lesson, next(numbers)) for _ in range(_ahead(device)))
            while self._share < 1:
                lesson = coming.popleft().result()
                coming.append(pool.submit(self._lesson, next(numbers)))
                yield lesson
            pool.shutdown(cancel_futures=True)

    def _of_style(self, number: int) -> int:
        """The number of the piece of a painting that goes with a photo's: each folder meets every other."""
        photos, paintings = len(self._content.folders), len(self._styles.folders)
        return number * paintings + number // photos % paintings

    def _lesson(self, number: int) -> _Lesson:
        batch = self._settings.batch
        numbers = range(number * batch, (number + 1) * batch)
        photos, chance = self._content(numbers), random.Random(f"{self._settings.seed} {number}")
        if number % _ITSELF == 0:
            styles = photos
        elif number % _PHOTOS == 0:
            styles = photos.roll(1, 0)
        else:
            drawn = self._styles([self._of_style(each) for each in numbers])
            styles = drawn if self._single else varied(drawn, chance)
        strengths = [math.sqrt(chance.random()) for _ in numbers]  # most of them high, where there is most to learn
        if chance.random() < min(0.5, batch / 4):
            for place in chance.sample(range(batch), max(1, batch // 8)):
                strengths[place] = 0.0
        origin = torch.tensor([chance.randrange(2**16), chance.randrange(2**16)])
        if torch.cuda.is_available():  # from there they come to the card while it works
            photos, styles = photos.pin_memory(), styles.pin_memory()
        kinds = [Kind.OVER, Kind.OVER, Kind.PLAIN, Kind.SMALL if self._settings.side >= _HALVED else Kind.PLAIN]
        return _Lesson(photos, styles, torch.tensor(strengths), origin, chance.choice(kinds))

    def _with_gradient(
        self,
        judge: FeatureNetwork,
        kind: Kind,
        photos: Tensor,
        styles: Tensor,
        strengths: Tensor,
        weights: Tensor,
        origin: Tensor,
    ) -> list[Tensor]:
        """The losses that are told, of each pair, and the gradient of the objective in every parameter that learns."""
        if kind is Kind.SMALL:
            photos, styles = (resize(each, half(each)) for each in (photos, styles))
        photos, styles = (each.contiguous(memory_format=torch.channels_last) for each in (photos, styles))
        with self.learner.sizes() as sizes:
            painted = self.learner(photos, styles, strengths, origin, kind is Kind.OVER)
        losses = style_losses(painted, photos, styles, judge)
        total = objective(losses, weights) + _STEADY * drift(sizes)
        gradients = torch.autograd.grad(total, self._learning)
        told = torch.stack([losses[name].detach() for name in _TOLD])
        return [told, *gradients]

    def _step_down(self, gradients: Sequence[Tensor]) -> None:
        """One step by these gradients, at the rate that is due."""
        self._cut(gradients)
        for parameter, gradient in zip(self._learning, gradients, strict=True):
            parameter.grad = gradient
        self._optimizers.step(min(1.0, (self._step + 1) / _WARM_UP) * (1 - self._share))

    def _cut(self, gradients: Sequence[Tensor]) -> None:
        """Leaves them as long as usual, or a few times as long, at most; nothing of what is no number.

        The device is never waited for.
        """
        length = get_total_norm(gradients)
        before = self._usual.to(length)
        usual = torch.where(before > 0, before, length)
        most, finite = _TOO_LONG * usual, length.isfinite()
        share = torch.where(finite, (most / length).clamp_max(1), 0)
        for gradient in gradients:
            gradient.nan_to_num_(0, 0, 0).mul_(share)
        self._usual = torch.where(finite, 0.98 * usual + 0.02 * length.minimum(most), before)

    def _state(self) -> dict[str, object]:
        return {
            "run": self._run,
            "step": self._step,
            "spent": self._spent,
            "usual": self._usual.item(),
            "network": self.learner.network.state_dict(),
            "optimizers": self._optimizers.state(),
        }

    def _take(self, state: Mapping[str, Any]) -> None:
        self._step, self._spent, self._usual = state["step"], state["spent"], torch.tensor(state["usual"])
        self.learner.network.load_state_dict(state["network"])
        self._optimizers.take(state["optimizers"])
