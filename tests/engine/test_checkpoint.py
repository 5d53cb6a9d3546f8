"""A run that was broken off ends where an unbroken one does."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import impasto
from impasto import devices
from impasto.devices import Compute
from impasto.engine import checkpoint
from impasto.engine.checkpoint import Checkpoint
from impasto.errors import CheckpointError, OutputError
from impasto.settings import ComputeSettings

QUICK = {
    "size": 48,
    "iterations": 14,
    "coarsest": 24,
    "style_layers": "relu1_1,relu2_1",
    "content_layers": "relu2_1",
    "sketch_network": "none",
}


@pytest.fixture
def always(monkeypatch):
    """Checkpoints are written after every step."""
    real = Checkpoint.keep

    def keep(self, state):
        self._next = 0
        real(self, state)

    monkeypatch.setattr(Checkpoint, "keep", keep)


KILLS = int(os.environ.get("KILLS", "4"))
LOADED = 1.5
"""Seconds."""


class PowerCutError(Exception):
    """The power goes."""


@pytest.mark.parametrize("step", [1, 3, 9, 10, 13])
@pytest.mark.parametrize(
    "chosen", [{}, {"solver": "adam"}, {"parameters": "pyramid"}, {"history": 1}], ids=lambda chosen: str(chosen)
)
def test_the_picture_is_that_of_an_unbroken_run(photo, styles, chosen, step, always, tmp_path):
    words = QUICK | chosen
    whole = impasto.stylize(photo, styles["mosaic"], **words)

    def stop(progress):
        if progress.step == step + 1:
            raise PowerCutError

    path = tmp_path / "run.checkpoint"
    with pytest.raises(PowerCutError):
        impasto.stylize(photo, styles["mosaic"], on_progress=stop, checkpoint=path, **words)
    told = []
    again = impasto.stylize(
        photo, styles["mosaic"], on_progress=lambda p: told.append(p.step), checkpoint=path, **words
    )
    assert told == list(range(step + 1, 15))
    assert torch.equal(again.picture.pixels, whole.picture.pixels)
    losses = [[entry["loss"] for entry in result.trace] for result in (again, whole)]
    assert losses[0] == losses[1]


SCRIPT = """
import sys, impasto
from impasto.engine.checkpoint import Checkpoint
keep = Checkpoint.keep
def always(self, state):
    self._next = 0
    keep(self, state)
Checkpoint.keep = always
from impasto.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_killed_at_any_moment_it_goes_on_to_the_same_picture(folder_of_two):
    words = ["stylize", "photo.png", "style.png", "--quiet", "--resume", "--checkpoint=run.checkpoint"]
    words += [f"--{name.replace('_', '-')}={value}" for name, value in (QUICK | {"iterations": 400}).items()]

    def start(output):
        command = [sys.executable, "-c", SCRIPT, *words, "-o", output]
        return subprocess.Popen(command, cwd=folder_of_two, env={**os.environ, "OMP_NUM_THREADS": "1"})

    assert start("whole.png").wait(120) == 0
    draw, killed = random.Random(1), 0
    while killed < KILLS:
        run = start("out.png")
        try:
            # Loading takes a while: from there on, any moment.
            run.wait(LOADED + draw.uniform(0, 1))
            break
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            killed += 1
    assert killed > KILLS // 2  # or it was done too soon
    assert start("out.png").wait(120) == 0
    pictures = [Image.open(folder_of_two / name).tobytes() for name in ("whole.png", "out.png")]
    assert pictures[0] == pictures[1]
    assert not (folder_of_two / "run.checkpoint").exists()


@pytest.fixture
def folder_of_two(tmp_path, photo, styles):
    photo.save(tmp_path / "photo.png")
    styles["mosaic"].save(tmp_path / "style.png")
    return tmp_path


def test_a_checkpoint_of_another_run_is_refused(photo, styles, always, tmp_path):
    path = tmp_path / "run.checkpoint"
    impasto.stylize(photo, styles["mosaic"], checkpoint=path, **QUICK)
    with pytest.raises(CheckpointError, match="other settings or other pictures"):
        impasto.stylize(photo, styles["mosaic"], checkpoint=path, **QUICK, strength=0.6)
    with pytest.raises(CheckpointError, match="other settings or other pictures"):
        impasto.stylize(photo, styles["woodcut"], checkpoint=path, **QUICK)


def test_nor_can_it_be_gone_on_with_in_another_precision(photo, styles, always, tmp_path, monkeypatch):
    path = tmp_path / "run.checkpoint"
    impasto.stylize(photo, styles["mosaic"], checkpoint=path, **QUICK)
    chosen = devices.choose(ComputeSettings()).dtype
    other = Compute(torch.device("cpu"), torch.bfloat16 if chosen == torch.float32 else torch.float32)
    monkeypatch.setattr("impasto.methods.iterative.devices.choose", lambda settings: other)
    with pytest.raises(CheckpointError, match="on another device"):
        impasto.stylize(photo, styles["mosaic"], checkpoint=path, **QUICK)


def test_files_that_settings_name_may_not_change_either(photo, styles, always, tmp_path):
    path, mask = tmp_path / "run.checkpoint", tmp_path / "mask.png"
    Image.new("L", (48, 40), 255).save(mask)
    words = QUICK | {"protect": str(mask)}
    impasto.stylize(photo, styles["mosaic"], checkpoint=path, **words)
    Image.linear_gradient("L").save(mask)
    with pytest.raises(CheckpointError, match="other settings or other pictures"):
        impasto.stylize(photo, styles["mosaic"], checkpoint=path, **words)


def test_neither_may_the_faces_that_were_found(photo, styles, always, tmp_path, monkeypatch):
    path, words = tmp_path / "run.checkpoint", QUICK | {"protect": "faces"}
    monkeypatch.setattr("impasto.methods.masks.faces", lambda pixels: torch.ones(1, 1, *pixels.shape[2:]))
    impasto.stylize(photo, styles["mosaic"], checkpoint=path, **words)
    monkeypatch.setattr("impasto.methods.masks.faces", lambda pixels: torch.ones(1, 1, *pixels.shape[2:]) / 2)
    with pytest.raises(CheckpointError, match="other settings or other pictures"):
        impasto.stylize(photo, styles["mosaic"], checkpoint=path, **words)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_in_one_line(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "run.checkpoint"
    checkpoint.save(path, {"run": "a", "numbers": torch.arange(50)})
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content) - 1))
    path.write_bytes(content[:cut])
    with pytest.raises(CheckpointError, match="Delete it to begin anew") as caught:
        Checkpoint(path).found("a", torch.device("cpu"))
    assert "\n" not in str(caught.value)


def test_a_checkpoint_is_written_rarely_enough(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(checkpoint, "monotonic", lambda: now[0])
    times = []

    def slow(path, state):
        times.append(now[0])
        now[0] += 10

    monkeypatch.setattr(checkpoint, "save", slow)
    kept = Checkpoint(tmp_path / "any")
    while now[0] < 1000:
        kept.keep(dict)
        now[0] += 1
    assert times[0] == 30
    assert [later - earlier for earlier, later in pairwise(times)] == [200] * (len(times) - 1)


@pytest.fixture
def full_disk():
    """No file grows beyond a kilobyte."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_told_and_nothing_is_left_on_it(tmp_path, full_disk):
    with pytest.raises(OutputError, match="Make room there"):
        checkpoint.save(tmp_path / "run.checkpoint", {"numbers": torch.zeros(10_000)})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_goes_away_costs_the_checkpoints_alone(photo, styles, always, tmp_path):
    (folder := tmp_path / "gone").mkdir()

    def unplug(progress):
        if progress.step == 3:
            shutil.rmtree(folder)

    whole = impasto.stylize(photo, styles["mosaic"], **QUICK)
    words = QUICK | {"checkpoint": folder / "run.checkpoint", "on_progress": unplug}
    ended = impasto.stylize(photo, styles["mosaic"], **words)
    assert torch.equal(ended.picture.pixels, whole.picture.pixels)
    (note,) = ended.notes
    assert note.startswith("a checkpoint was not written")
    assert "there is no folder" in note


def test_what_changes_no_pixel_may_be_another(photo, styles, always, tmp_path):
    path = tmp_path / "run.checkpoint"
    first = impasto.stylize(photo, styles["mosaic"], checkpoint=path, **QUICK)
    again = impasto.stylize(photo, styles["mosaic"], checkpoint=path, **QUICK, quality=80, depth=16, max_megapixels=1)
    assert torch.equal(again.picture.pixels, first.picture.pixels)


def test_one_that_may_not_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    def refuse(*words, **others):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(torch, "load", refuse)
    with pytest.raises(CheckpointError, match=r"Permission denied\). Check its permissions"):
        checkpoint.read(tmp_path / "run.checkpoint")


def test_a_small_file_that_would_unfold_to_much_is_refused(tmp_path):
    plain, path = tmp_path / "plain.pt", tmp_path / "packed.pt"
    checkpoint.save(plain, {"run": "a", "numbers": torch.zeros(1 << 19)})
    assert checkpoint.read(plain)["run"] == "a"
    with zipfile.ZipFile(plain) as whole, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in whole.infolist():
            packed.writestr(entry.filename, whole.read(entry))
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoint.read(path)
