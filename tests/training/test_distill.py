"""A student is trained: it learns, and a run that was broken off ends where an unbroken one does."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from impasto import networks
from impasto.engine import checkpoint
from impasto.errors import CheckpointError, SettingsError
from impasto.settings import DistillSettings
from impasto.training.crops import Crops, split
from impasto.training.distill import distill
from impasto.training.report import Report
from impasto.training.trainee import Trainee

from .conftest import cut_short

SETTINGS = DistillSettings(widths="4,4,4,4,4", steps=6, batch=2, side=64)


def silent(report: Report) -> None:
    pass


@pytest.fixture(autouse=True)
def _saved_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint.Checkpoint, "keep", lambda self, state: checkpoint.save(self.path, state()))


def test_errors_fall_and_the_file_is_a_network(folders: list[Path], tmp_path: Path) -> None:
    reports: list[Report] = []
    path = tmp_path / "student.safetensors"
    errors = distill(folders, path, SETTINGS.model_copy(update={"steps": 60, "widths": "8,8,8,8,8"}), reports.append)
    assert [report.step for report in reports] == [*range(1, 61)]
    first, last = (sum(report.losses.values()) for report in (reports[0], reports[-1]))
    assert last < 0.95 * first
    student = networks.load(str(path))
    assert set(errors) == set(student.spec.layers)
    assert student(torch.rand(1, 3, 32, 32), ["relu4_2"])["relu4_2"].shape == (1, 8, 4, 4)
    assert not path.with_suffix(".checkpoint").exists()


def test_a_run_that_was_broken_off_ends_where_an_unbroken_one_does(folders: list[Path], tmp_path: Path) -> None:
    def stop(report: Report) -> None:
        if report.step == 4:  # told after the fourth, saved after the third
            raise KeyboardInterrupt

    whole, broken = tmp_path / "whole.safetensors", tmp_path / "broken.safetensors"
    distill(folders, whole, SETTINGS, silent)
    with pytest.raises(KeyboardInterrupt):
        distill(folders, broken, SETTINGS, stop)
    steps: list[int] = []
    distill(folders, broken, SETTINGS, lambda report: steps.append(report.step))
    assert steps == [4, 5, 6]
    first, second = load_file(whole), load_file(broken)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_checkpoint_of_other_settings_or_of_no_kind_is_refused(folders: list[Path], tmp_path: Path) -> None:
    def stop(report: Report) -> None:
        if report.step == 2:
            raise KeyboardInterrupt

    path = tmp_path / "student.safetensors"
    with pytest.raises(KeyboardInterrupt):
        distill(folders, path, SETTINGS, stop)
    with pytest.raises(SettingsError, match=r"begun with other settings \(DistillSettings\(.* seed=0\)\)"):
        distill(folders, path, SETTINGS.model_copy(update={"seed": 1}), silent)
    with pytest.raises(SettingsError, match="other pictures"):
        distill(folders[::-1], path, SETTINGS, silent)
    checkpoint = path.with_suffix(".checkpoint")
    whole = torch.load(checkpoint, weights_only=True)
    for damaged in (b"none", {}, [1], 3, whole | {"trainee": {}}, whole | {"optimizers": []}):
        checkpoint.write_bytes(damaged) if isinstance(damaged, bytes) else torch.save(damaged, checkpoint)
        with pytest.raises(CheckpointError, match="Delete it to begin anew"):
            distill(folders, path, SETTINGS, silent)


def test_errors_are_those_of_the_file_on_the_pictures_held_out(folders: list[Path], tmp_path: Path) -> None:
    """By the weights written, lifted: what the training says, but for half precision."""
    path = tmp_path / "student.safetensors"
    errors = distill(folders, path, SETTINGS, silent)
    _, held_out = split(folders)
    pictures = [Crops([[each]], SETTINGS.side, SETTINGS.seed)([0]) for paths in held_out for each in paths]
    assert len(pictures) == 2
    lifts, student, teacher = load_file(path), networks.load(str(path)), networks.load("vgg19")
    layer, scores = "relu2_1", []
    for picture in pictures:
        wanted = teacher(picture, [layer])[layer]
        seen = F.conv2d(student.trunk(picture, [layer])[layer], lifts[f"{layer}.lift"].float()[:, :, None, None])
        scores.append((seen - wanted).square().mean().item())
    ratio = errors[layer] / (sum(scores) / 2)
    spread = 1 / ratio**0.5  # what errors are measured by: about the deviation of the teacher's features
    deviation = teacher(Crops(split(folders)[0], SETTINGS.side)(range(-24, 0)), [layer])[layer]
    expected = (deviation - deviation.mean((0, 2, 3), keepdim=True)).square().mean().sqrt().item()
    assert spread == pytest.approx(expected, rel=0.01)


def test_pictures_held_out_that_are_damaged_cost_nothing_but_their_errors(folders: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "student.safetensors"
    for place, folder in enumerate(folders):
        cut_short(folder / "0.png")
        errors = distill(folders, path, SETTINGS.model_copy(update={"steps": 1}), silent)
        assert bool(errors) == (place == 0), "one of two can still be read"
        assert networks.load(str(path)).spec.teacher == "vgg19"
        assert not path.with_suffix(".checkpoint").exists()


def test_one_picture_is_no_folder(folders: list[Path], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="it is a file"):
        distill([folders[0] / "0.png"], tmp_path / "student.safetensors", SETTINGS, silent)


def test_a_run_that_diverges_harms_no_file(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "student.safetensors"
    path.write_bytes(b"good")
    forward = Trainee.forward

    def diverged(self: Trainee, image: torch.Tensor) -> dict[str, torch.Tensor]:
        return {layer: seen * float("nan") for layer, seen in forward(self, image).items()}

    monkeypatch.setattr(Trainee, "forward", diverged)
    with pytest.raises(SettingsError, match="use a smaller --rate"):
        distill(folders, path, SETTINGS, silent)
    assert path.read_bytes() == b"good"
