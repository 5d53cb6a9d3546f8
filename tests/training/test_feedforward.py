"""A network that paints is trained: it learns, and a run that was broken off ends where an unbroken one does."""

import errno
import math
from collections import Counter
from pathlib import Path
from threading import Event

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from impasto.engine import checkpoint
from impasto.errors import CheckpointError, ImageError, OutputError, SettingsError
from impasto.networks.feedforward import SHIPPED, FeedForward, feedforward_file, load_feedforward
from impasto.networks.hand import is_of_the_hand
from impasto.settings import TrainSettings
from impasto.training import validation
from impasto.training.crops import KeptCrops, split
from impasto.training.feedforward import _Run, train
from impasto.training.report import Report
from impasto.training.validation import Validation

from .conftest import cut_short

SETTINGS = TrainSettings(steps=6, batch=2, side=64)


def silent(report: Report) -> None:
    pass


def stop_at(step: int):
    def stop(report: Report) -> None:
        if report.step == step:
            raise KeyboardInterrupt

    return stop


@pytest.fixture(autouse=True)
def _saved_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint.Checkpoint, "keep", lambda self, state: checkpoint.save(self.path, state()))


def test_losses_fall_and_the_file_is_a_network(folders: list[Path], tmp_path: Path) -> None:
    reports: list[Report] = []
    path = tmp_path / "painter.safetensors"
    photos, paintings = folders
    settings = SETTINGS.model_copy(update={"steps": 60, "rate": 0.01, "seed": 2})
    train([photos], [paintings], path, settings, reports.append)
    assert [report.step for report in reports] == [*range(1, 61)]
    assert reports[-1].share == 1
    first, last = reports[1].losses, reports[-1].losses  # means over fifty steps
    assert last["style"] < 0.8 * first["style"]
    assert last["content"] < 0.9 * first["content"]
    assert last["copy"] < 0.97 * first["copy"]
    painted = load_feedforward(path)(torch.rand(1, 3, 32, 32), lambda level, features: features)
    assert painted.shape == (1, 3, 32, 32)
    assert not path.with_suffix(".checkpoint").exists()


def test_a_run_that_was_broken_off_ends_where_an_unbroken_one_does(folders: list[Path], tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.safetensors", tmp_path / "broken.safetensors"
    photos, paintings = folders
    train([photos], [paintings], whole, SETTINGS, silent)
    with pytest.raises(KeyboardInterrupt):
        train([photos], [paintings], broken, SETTINGS, stop_at(4))
    steps: list[int] = []
    train([photos], [paintings], broken, SETTINGS, lambda report: steps.append(report.step))
    assert steps == [4, 5, 6]  # told after the fourth, saved after the third
    first, second = load_file(whole), load_file(broken)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_run_goes_on_whose_sheet_lies_among_its_pictures(folders: list[Path], monkeypatch) -> None:
    monkeypatch.setattr("impasto.training.feedforward._FIRST_LOOK", 0.0)
    photos, paintings = folders
    path = photos / "painter.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train([photos], [paintings], path, SETTINGS, stop_at(3))
    assert (photos / "painter.sheet.png").exists()
    steps: list[int] = []
    train([photos], [paintings], path, SETTINGS, lambda report: steps.append(report.step))
    assert steps[-1] == SETTINGS.steps


def test_told_to_stop_it_keeps_all_that_it_has_learned(folders: list[Path], tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(checkpoint.Checkpoint, "keep", lambda self, state: None)
    path, (photos, paintings), stop = tmp_path / "painter.safetensors", folders, Event()
    with pytest.raises(KeyboardInterrupt):
        train([photos], [paintings], path, SETTINGS, lambda report: report.step == 4 and stop.set(), stop)
    steps: list[int] = []
    train([photos], [paintings], path, SETTINGS, lambda report: steps.append(report.step))
    assert steps == [5, 6]


@pytest.mark.parametrize("steps", [4, 6])
def test_told_to_stop_while_it_is_looked_at_it_loses_nothing(
    steps: int, folders: list[Path], tmp_path: Path, monkeypatch
) -> None:
    """With steps to come it stops after the next one; without any it has come to its end."""
    path, (photos, paintings), stop = tmp_path / "painter.safetensors", folders, Event()
    monkeypatch.setattr(checkpoint.Checkpoint, "keep", lambda self, state: None)
    monkeypatch.setattr("impasto.training.feedforward._FIRST_LOOK", 0.0)
    monkeypatch.setattr(Validation, "look", lambda self, step, network: step == steps and stop.set())
    done: list[int] = []
    if steps < SETTINGS.steps:
        monkeypatch.setattr("impasto.training.feedforward._LOOK_EVERY", 0.0)
        with pytest.raises(KeyboardInterrupt):
            train([photos], [paintings], path, SETTINGS, lambda report: done.append(report.step), stop)
        stop.clear()
    train([photos], [paintings], path, SETTINGS, lambda report: done.append(report.step), stop)
    assert done == [*range(1, 7)]
    assert path.exists()


def test_what_goes_wrong_after_the_last_step_costs_no_lesson(folders: list[Path], tmp_path: Path, monkeypatch) -> None:
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    monkeypatch.setattr(checkpoint.Checkpoint, "keep", lambda self, state: None)

    def full(*_: object) -> None:
        raise OutputError("no space left")

    with monkeypatch.context() as at_first:
        at_first.setattr(Validation, "look", full)
        with pytest.raises(OutputError, match="no space"):
            train([photos], [paintings], path, SETTINGS, silent)
    steps: list[int] = []
    train([photos], [paintings], path, SETTINGS, lambda report: steps.append(report.step))
    assert steps == []
    assert path.exists()


def test_checkpoints_that_cannot_be_written_are_told_and_cost_nothing_else(
    folders: list[Path], tmp_path: Path, monkeypatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    monkeypatch.setattr(checkpoint.Checkpoint, "keep", checkpoint.Checkpoint.write)

    def full(*_: object) -> None:
        raise OutputError("no space left")

    monkeypatch.setattr(checkpoint, "save", full)
    train([photos], [paintings], path, SETTINGS, silent)
    assert path.exists()
    assert {record.getMessage() for record in caplog.records} == {"a checkpoint was not written: no space left"}


def test_looks_that_cannot_be_written_are_told_and_end_nothing(
    folders: list[Path], tmp_path: Path, monkeypatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The disk is full at the second step for the losses, and at the third for the sheet; later there is room."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    monkeypatch.setattr("impasto.training.feedforward._FIRST_LOOK", 0.0)
    monkeypatch.setattr("impasto.training.feedforward._LOOK_EVERY", 0.0)
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    write, note = validation.write_sheet, SummaryWriter.add_scalar
    written = iter(range(100))

    def note_if_there_is_room(log: SummaryWriter, name: str, loss: float, step: int) -> None:
        if step == 2:
            raise OSError(errno.ENOSPC, "no space left on device")
        note(log, name, loss, step)

    def write_if_there_is_room(*given: object) -> None:
        if next(written) == 1:
            raise OutputError("no space left")
        write(*given)

    monkeypatch.setattr(SummaryWriter, "add_scalar", note_if_there_is_room)
    monkeypatch.setattr(validation, "write_sheet", write_if_there_is_room)
    train([photos], [paintings], path, SETTINGS, silent)
    assert path.exists()
    assert len(caplog.messages) == 2
    assert all("was not written" in told for told in caplog.messages)
    log = EventAccumulator(str(tmp_path / "painter.tensorboard")).Reload()
    assert [event.step for event in log.Scalars("training/style")] == [1, 3, 4, 5, 6]


def test_a_pair_whose_painting_is_no_number_is_black_on_the_sheet(
    folders: list[Path], tmp_path: Path, monkeypatch
) -> None:
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    monkeypatch.setattr(validation, "paint", lambda network, photo, *_: torch.full_like(photo, math.nan))
    train([photos], [paintings], path, SETTINGS.model_copy(update={"steps": 1}), silent)
    assert path.exists()
    with Image.open(tmp_path / "painter.sheet.png") as sheet:
        assert sheet.getpixel((sheet.width * 3 // 4, sheet.height * 3 // 4)) == (0, 0, 0)


def test_a_damaged_picture_is_held_out_of_nothing(folders: list[Path], tmp_path: Path) -> None:
    photos, paintings = folders
    for number in range(4, 25):  # two of them are held out
        Image.open(paintings / "3.png").save(paintings / f"{number}.png")
    cut_short(paintings / "0.png")
    path, once = tmp_path / "painter.safetensors", SETTINGS.model_copy(update={"steps": 1})
    train([photos], [paintings], path, once, silent)
    assert path.exists()
    for held_out in photos.iterdir():
        cut_short(held_out)
    with pytest.raises(ImageError, match="all others that were held out"):
        train([photos], [paintings], tmp_path / "other.safetensors", once, silent)


def test_what_cannot_be_written_beside_it_is_told_before_the_first_step(folders: list[Path], tmp_path: Path) -> None:
    photos, paintings = folders
    (tmp_path / "sheet.sheet.png").mkdir()
    (tmp_path / "losses.tensorboard").touch()
    for name in ("sheet", "losses"):
        with pytest.raises(OutputError, match=name):
            train([photos], [paintings], tmp_path / f"{name}.safetensors", SETTINGS, _no_step)


def _no_step(report: Report) -> None:
    pytest.fail("a step was done")


@pytest.mark.parametrize("batch", [1, 4])
def test_each_folder_of_photos_meets_each_of_paintings_at_every_strength(batch: int, tmp_path: Path) -> None:
    """Two folders of each kind, every one with pictures of a gray of its own."""
    folders = [tmp_path / name for name in ("a", "b", "c", "d")]
    for number, folder in enumerate(folders):
        folder.mkdir()
        for name in ("0.png", "1.png"):
            Image.new("RGB", (64, 64), (50 * number,) * 3).save(folder / name)
    photos, paintings = (KeptCrops(split(each)[0], 64) for each in (folders[:2], folders[2:]))
    settings = SETTINGS.model_copy(update={"batch": batch, "loss_network": "student"})
    run = _Run(photos, paintings, settings, tmp_path / "none.checkpoint")
    met: Counter[tuple[int, int, bool]] = Counter()
    for number in range(1, 640 // batch):
        if number % 8:  # else photos are their own style
            lesson = run._lesson(number)
            grays = ((5.1 * pieces[:, 0, 0, 0]).round().int() for pieces in (lesson.photos, lesson.styles))
            met.update(zip(*(each.tolist() for each in (*grays, lesson.strengths == 0)), strict=True))
    assert len(met) == 8, "two by two, still and not"
    still = sum(count for (*_, is_still), count in met.items() if is_still)
    assert still / met.total() == pytest.approx({1: 1 / 4, 4: 1 / 8}[batch], abs=0.05)


def test_a_checkpoint_of_other_settings_or_of_no_kind_is_refused(folders: list[Path], tmp_path: Path) -> None:
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    with pytest.raises(KeyboardInterrupt):
        train([photos], [paintings], path, SETTINGS, stop_at(2))
    with pytest.raises(SettingsError, match=r"begun with other settings \(TrainSettings\(.* seed=0\)\)"):
        train([photos], [paintings], path, SETTINGS.model_copy(update={"seed": 1}), silent)
    with pytest.raises(SettingsError, match="other pictures"):
        train([paintings], [photos], path, SETTINGS, silent)
    kept = path.with_suffix(".checkpoint")
    whole = torch.load(kept, weights_only=True)
    for damaged in (b"none", {}, [1], whole | {"network": {}}, whole | {"optimizers": []}):
        kept.write_bytes(damaged) if isinstance(damaged, bytes) else torch.save(damaged, kept)
        with pytest.raises(CheckpointError, match="Delete it to begin anew"):
            train([photos], [paintings], path, SETTINGS, silent)


def test_one_style_begins_with_the_network_that_comes_with_impasto(folders: list[Path], tmp_path: Path) -> None:
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    single = next(paintings.iterdir())
    slow = SETTINGS.model_copy(update={"steps": 1, "rate": 1e-9})
    train([photos], [single], path, slow, silent)
    shipped, found = load_feedforward().state_dict(), load_feedforward(path).state_dict()
    assert all(torch.allclose(found[name], shipped[name], atol=1e-3) for name in shipped)
    train([photos], [single], path, slow.model_copy(update={"start": "none"}), silent)
    assert not torch.allclose(load_feedforward(path).enter.weight, shipped["enter.weight"], atol=1e-3)
    small = tmp_path / "small.safetensors"
    small.write_bytes(feedforward_file(FeedForward((4, 6, 8))))
    with pytest.raises(SettingsError, match="of another size"):
        train([photos], [single], path, slow.model_copy(update={"start": str(small)}), silent)


def test_the_hand_learns_alone(folders: list[Path], tmp_path: Path) -> None:
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    settings = SETTINGS.model_copy(update={"parts": "hand", "start": "shipped"})
    with pytest.raises(KeyboardInterrupt):
        train([photos], [paintings], path, settings, stop_at(3))
    train([photos], [paintings], path, settings, silent)
    begun, learned = load_file(SHIPPED), load_file(path)
    changed = {name for name in begun if not torch.equal(begun[name], learned[name])}
    assert {"hand.read.0.weight", "paint.0.first.thin", "up.1.wide"} <= changed
    assert all(map(is_of_the_hand, changed))


def test_it_is_looked_at_as_it_goes(folders: list[Path], tmp_path: Path) -> None:
    """A sheet, and losses for TensorBoard, of pictures that are not learned from."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    train([photos], [paintings], path, SETTINGS, silent)
    with Image.open(tmp_path / "painter.sheet.png") as sheet:
        assert sheet.width >= 2 * 128
        assert sheet.height >= 2 * 128
    log = EventAccumulator(str(tmp_path / "painter.tensorboard")).Reload()
    for name in ("training/content", "training/style", "validation/content", "validation/style"):
        (event,) = log.Scalars(name)
        assert event.step == SETTINGS.steps
        assert 0 < event.value < 10


def test_hours_end_it(folders: list[Path], tmp_path: Path) -> None:
    reports: list[Report] = []
    photos, paintings = folders
    settings = SETTINGS.model_copy(update={"steps": 100_000, "hours": 2 / 3600})
    train([photos], [paintings], tmp_path / "painter.safetensors", settings, reports.append)
    assert 1 <= len(reports) < 1000
    assert reports[-1].share == 1


def test_a_run_that_diverges_harms_no_file(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    path.write_bytes(b"good")
    painted = FeedForward.painted
    monkeypatch.setattr(FeedForward, "painted", lambda *given: painted(*given) * float("nan"))
    with pytest.raises(SettingsError, match="use a smaller --rate"):
        train([photos], [paintings], path, SETTINGS.model_copy(update={"steps": 20}), silent)
    assert path.read_bytes() == b"good"


def test_one_step_without_numbers_does_no_harm(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, (photos, paintings) = tmp_path / "painter.safetensors", folders
    painted, asked = FeedForward.painted, iter(range(100))
    monkeypatch.setattr(
        FeedForward, "painted", lambda *given: painted(*given) * (float("nan") if next(asked) == 2 else 1)
    )
    reports: list[Report] = []
    train([photos], [paintings], path, SETTINGS, reports.append)
    assert all(math.isfinite(loss) for loss in reports[-1].losses.values())
    assert all(tensor.isfinite().all() for tensor in load_file(path).values())
