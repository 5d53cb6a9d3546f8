"""Train a student of VGG-19: its lifted features are to be those of the teacher.

Wang et al. 2020, "Collaborative Distillation for Ultra-Resolution Universal Style Transfer", section 3.1. Departures: a
start by least squares, on which training then improves (`least_squares`), and Muon (Jordan 2024) for the convolutions,
which has less error left than Adam after the same steps.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import torch
from torch import Tensor

from impasto import devices, networks
from impasto.engine import checkpoint
from impasto.errors import SettingsError
from impasto.images import check_replaceable, replace_file
from impasto.networks.student import LAYERS, student_file
from impasto.networks.vgg import Vgg
from impasto.settings.distill import DistillSettings, parse_widths
from impasto.training.beside import checkpoint_of
from impasto.training.crops import Crops, check_photos, split
from impasto.training.least_squares import begin, fit_lifts
from impasto.training.muon import Muon
from impasto.training.optimizers import Optimizers, adam
from impasto.training.report import OnReport, Report, averaged
from impasto.training.resume import SAVE_EVERY, described, resume
from impasto.training.trainee import Trainee

_WARM_UP = 30
"""Steps over which the rate rises from nothing."""
_LIFT_RATE = 0.1
"""Of the rate of the convolutions, for biases and lifts."""
_KEEP = 0.95
"""Of the mean of the errors that is told, at each step."""
_FIRST = 24
"""Pieces for the start by least squares."""


def distill(
    folders: Sequence[Path], output: Path, settings: DistillSettings, on_report: OnReport, stop: Event | None = None
) -> dict[str, float]:
    """Trains a student on the pictures of `folders` and writes it to `output`. Returns its errors, by layer, on those
    pictures that were held out: 0 is perfect, 1 no better than a constant. None where all of them are damaged.

    A checkpoint lies beside the output: a run that was broken off goes on from there, to the same student, bit by bit
    where there are as many threads. Once `stop` is set, one is written, and `KeyboardInterrupt` raised. Raises
    `ImpastoError` for folders, pictures, an output or a checkpoint that cannot be used, and where the errors are no
    numbers any more.
    """
    check_replaceable(output)
    check_photos(folders)
    trained, held_out = split(folders)
    teacher = networks.load("vgg19")
    assert isinstance(teacher, Vgg)
    run = _Run(teacher, Crops(trained, settings.side, settings.seed), settings, checkpoint_of(output))
    run.train(on_report, stop or Event())
    replace_file(output, student_file(run.trainee.weights()))
    run.path.unlink(missing_ok=True)
    unseen = Crops(held_out, settings.side, settings.seed)
    return run.errors(unseen.readable(range(sum(map(len, held_out)))))


class _Run:
    """A student on its way."""

    def __init__(self, teacher: Vgg, crops: Crops, settings: DistillSettings, path: Path) -> None:
        self.path = path
        """Of the checkpoint."""
        self.trainee = Trainee(parse_widths(settings.widths))
        self._teacher = teacher
        self._crops = crops
        self._settings = settings
        self._step = 0
        self._run = described(settings, crops)
        rest = [*self.trainee.biases.values(), *self.trainee.lifts.values()]
        # A step of it is 0.2 times the rate, relative to numbers of about 1.
        muon = Muon(self.trainee.matrices.values())
        self._optimizers = Optimizers({muon: settings.rate / 0.2, adam(rest): settings.rate * _LIFT_RATE})
        if path.exists():
            resume(path, self._run, "student", self._take)
        else:
            pictures = crops(range(-_FIRST, 0))
            begin(self.trainee, teacher, pictures, settings.seed)
            fit_lifts(self.trainee, pictures, _looked_at(teacher, pictures))
            self._save()

    def train(self, on_report: OnReport, stop: Event) -> None:
        """Does the steps that are left; `KeyboardInterrupt` once `stop` is set."""
        with devices.half_the_threads():
            self._train(on_report, stop)

    def _train(self, on_report: OnReport, stop: Event) -> None:
        began, first, kept = monotonic(), self._step, checkpoint.Checkpoint(self.path, SAVE_EVERY)
        mean: dict[str, float] = {}
        for pictures, taught in self._lessons():
            errors = self._learn(pictures, taught)
            if not all(map(math.isfinite, errors.values())):
                raise SettingsError(
                    f"the errors are no numbers any more. Delete {self.path}, and use a smaller --rate."
                )
            self._step += 1
            mean = averaged(mean, errors, _KEEP)
            elapsed = monotonic() - began
            remaining = elapsed / (self._step - first) * (self._settings.steps - self._step)
            on_report(Report(self._step, self._step / self._settings.steps, mean, elapsed, remaining))
            kept.keep(self._state)
            if stop.is_set():
                self._save()
                raise KeyboardInterrupt

    def errors(self, pictures: Iterable[Tensor]) -> dict[str, float]:
        """Of the student, by layer: means over pictures, each (1, 3, H, W)."""
        with torch.no_grad():
            each = [self._distances(self.trainee(one), _looked_at(self._teacher, one)) for one in pictures]
        return {layer: sum(errors[layer].item() for errors in each) / len(each) for layer in LAYERS if each}

    def _lessons(self) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """Pictures, and what the teacher sees in them: the next ones are looked at while the student learns."""
        batch = self._settings.batch

        def lesson(step: int) -> tuple[Tensor, dict[str, Tensor]]:
            pictures = self._crops(range(step * batch, (step + 1) * batch))
            return pictures, _looked_at(self._teacher, pictures)

        coming: deque[Future[tuple[Tensor, dict[str, Tensor]]]] = deque()
        with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(torch.get_num_threads(),)) as ahead:
            for step in range(self._step, self._settings.steps):
                coming.append(ahead.submit(lesson, step))
                if len(coming) == 2:
                    yield coming.popleft().result()
            for last in coming:
                yield last.result()

    def _learn(self, pictures: Tensor, taught: dict[str, Tensor]) -> dict[str, float]:
        """One step. Returns the errors before it."""
        pace = min(1.0, (self._step + 1) / _WARM_UP) * (1 + math.cos(math.pi * self._step / self._settings.steps)) / 2
        errors = self._distances(self.trainee(pictures), taught)
        self.trainee.zero_grad()
        torch.autograd.backward(torch.stack([*errors.values()]).sum())
        self._optimizers.step(pace)
        return {layer: error.item() for layer, error in errors.items()}

    def _distances(self, seen: dict[str, Tensor], taught: dict[str, Tensor]) -> dict[str, Tensor]:
        return {layer: (seen[layer] - taught[layer] / self.trainee.spread(layer)).square().mean() for layer in LAYERS}

    def _state(self) -> dict[str, object]:
        return {
            "run": self._run,
            "step": self._step,
            "trainee": self.trainee.state_dict(),
            "optimizers": self._optimizers.state(),
        }

    def _save(self) -> None:
        checkpoint.save(self.path, self._state())

    def _take(self, state: Mapping[str, Any]) -> None:
        self._step = state["step"]
        self.trainee.load_state_dict(state["trainee"])
        self._optimizers.take(state["optimizers"])


@torch.no_grad()
def _looked_at(teacher: Vgg, pictures: Tensor) -> dict[str, Tensor]:
    return teacher.forward(pictures, LAYERS)
