"""Shots of a film painted side by side, by processes of their own."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from methods.films import pan
from safetensors.torch import save_file
from video.clips import write_clip

from impasto import devices
from impasto.errors import CheckpointError, DeviceError, ImpastoError, SettingsError, WeightsError
from impasto.jobs.film_job import FilmJob
from impasto.jobs.paint_film import paint_film
from impasto.settings import ComputeSettings, FilmSettings
from impasto.video.journal import Journal


@pytest.fixture
def clip(photo, tmp_path) -> Path:
    """Twenty frames of four shots, with sound."""
    one = pan(photo, 5, width=96, height=64)
    shots = [one, [frame[::-1, ::-1, ::-1] for frame in one], [255 - frame for frame in one], one]
    frames = [np.ascontiguousarray(frame) for shot in shots for frame in shot]
    return write_clip(tmp_path / "clip.mp4", frames, sound="aac")


def job(clip: Path, name: str = "out.mp4", workers: int = 2, style: str = "scream", **settings) -> FilmJob:
    chosen = FilmSettings.checked({"workers": workers, **settings})
    return FilmJob(film=clip, styles=(Path(style),), output=clip.with_name(name), settings=chosen)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process adds up in the same order, the one that paints alone too."""
    monkeypatch.setattr("torch.get_num_threads", lambda: 1)


def test_side_by_side_the_film_is_that_of_one_painter(clip: Path) -> None:
    settings = {"style_at": ("0:00.5=udnie",), "color": "histogram"}
    alone = paint_film(job(clip, "alone.mp4", 1, **settings))
    told = []
    result = paint_film(job(clip, **settings), told.append)
    assert result.output.read_bytes() == alone.output.read_bytes()
    assert (result.frames, result.shape, result.stopped, result.notes) == (20, (64, 96), "painted", alone.notes)
    assert [each.done for each in told] == list(range(1, 21))
    assert names(clip.parent) == ["alone.mp4", "clip.mp4", "out.mp4"]


def test_masks_are_those_of_the_frames_whoever_paints_them(clip: Path) -> None:
    masks = clip.with_name("masks")
    masks.mkdir()
    from PIL import Image

    for number in range(20):
        Image.fromarray(np.full((64, 96), 255 - 12 * number, np.uint8)).save(masks / f"{number:02}.png")
    alone = paint_film(job(clip, "alone.mp4", 1, mask=masks)).output.read_bytes()
    assert paint_film(job(clip, mask=masks)).output.read_bytes() == alone


def test_a_stopped_film_goes_on_to_the_unbroken_one_with_any_number_of_painters(clip: Path) -> None:
    whole = paint_film(job(clip, "whole.mp4")).output.read_bytes()
    stop = Event()
    result = paint_film(job(clip), lambda told: stop.set() if told.done == 7 else None, stop=stop)
    assert result.stopped == "interrupted"
    assert 0 < result.frames < 20
    with pytest.raises(CheckpointError, match="is there already"):
        paint_film(job(clip))
    with pytest.raises(CheckpointError, match='workers "several", not "one"'):
        paint_film(job(clip, workers=1), resume=True)
    result = paint_film(job(clip, workers=3), resume=True)
    assert (result.stopped, result.output.read_bytes()) == ("painted", whole)
    assert names(clip.parent) == ["clip.mp4", "out.mp4", "whole.mp4"]


def test_ctrl_c_stops_all_and_a_second_one_does_not_wait(clip: Path) -> None:
    def press(told) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        paint_film(job(clip), press)
    assert not job(clip).output.exists()
    assert paint_film(job(clip), resume=True).frames == 20


def test_killed_at_any_moment_it_goes_on_to_the_unbroken_film(clip: Path) -> None:
    whole = paint_film(job(clip, "whole.mp4")).output.read_bytes()
    broken, chance = job(clip), random.Random(0)
    code = (
        "import sys; from impasto.jobs.paint_film import paint_film; from impasto.jobs.film_job import FilmJob;"
        "paint_film(FilmJob.model_validate_json(sys.argv[1]), resume=True)"
    )
    for wanted in (2, 9):
        words = [sys.executable, "-c", code, broken.model_dump_json()]
        process = subprocess.Popen(words, env={**os.environ, "OMP_NUM_THREADS": "1"})
        while process.poll() is None and len([*broken.journal.glob("*/*.png")]) <= wanted:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert paint_film(broken, resume=True).output.read_bytes() == whole


def test_what_a_painter_refuses_is_said_and_leaves_nothing(clip: Path) -> None:
    for wrong, kind, words in (
        (job(clip, style="none.jpg"), ImpastoError, "there is no such file"),
        (job(clip, style_weights="1,2"), SettingsError, "style"),
        (job(clip, size=16), ImpastoError, "no side may be under 16"),
    ):
        with pytest.raises(kind, match=words):
            paint_film(wrong)
        assert names(clip.parent) == ["clip.mp4"]


def test_what_is_told_more_precisely_than_by_the_errors_there_are_is_said_as_well(clip: Path, photo) -> None:
    photo.save(style := clip.with_name("style.png"))
    save_file({"a": torch.zeros(3)}, network := clip.with_name("other.safetensors"))
    search = {"preset": "draft", "style_network": str(network), "sketch_network": "none"}
    with pytest.raises(WeightsError, match=r"other\.safetensors"):
        paint_film(job(clip, style=str(style), **search))


def test_a_painter_that_is_killed_is_told_and_costs_no_finished_frame(clip: Path, monkeypatch) -> None:
    begun, begin = [], subprocess.Popen
    monkeypatch.setattr("subprocess.Popen", lambda *words, **rest: begun.append(begin(*words, **rest)) or begun[-1])

    def kill(told) -> None:
        if told.done == 3:
            begun[0].kill()

    with pytest.raises(DeviceError, match="--resume goes on"):
        paint_film(job(clip), kill)
    kept = sum(Journal(folder, {}).done for folder in job(clip).journal.glob("shot-*"))
    assert kept
    told = []
    assert paint_film(job(clip), told.append, resume=True).frames == 20
    assert len(told) == 20 - kept


def test_a_film_of_one_shot_is_painted_too(clip: Path) -> None:
    result = paint_film(job(clip, end="0:00.16"))
    assert result.frames == 4


def test_every_accelerator_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impasto.devices._count", lambda kind: 3 * (kind == "cuda"))
    monkeypatch.setattr("torch.get_num_threads", lambda: 16)
    assert devices.places(ComputeSettings(), "auto") == ["cuda:0", "cuda:1", "cuda:2"]
    assert devices.places(ComputeSettings(device="cuda"), 4) == ["cuda:0", "cuda:1", "cuda:2", "cuda:0"]
    assert devices.places(ComputeSettings(device="cuda:1"), "auto") == ["cuda:1"]
    for kind in ("mps", "xpu"):
        monkeypatch.setattr("impasto.devices._count", lambda asked, kind=kind: int(asked == kind))
        for place in devices.places(ComputeSettings(), 2):
            ComputeSettings.checked({"device": place})
    assert devices.places(ComputeSettings(device="cpu"), "auto") == ["cpu", "cpu"]
    monkeypatch.setattr("torch.get_num_threads", lambda: 2)
    assert devices.places(ComputeSettings(device="cpu"), "auto") == ["cpu"]


def test_nothing_is_imported_from_the_folder_that_it_happens_to_be_called_in(clip: Path, monkeypatch) -> None:
    (clip.parent / "numbers.py").write_text("raise RuntimeError('from the folder of the film')")
    monkeypatch.chdir(clip.parent)
    assert paint_film(job(clip)).frames == 20


def test_a_painter_to_whom_nobody_listens_any_more_ends_without_a_word() -> None:
    words = [sys.executable, "-m", "impasto.jobs.film_worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, **pipes) as painter:
        painter.stdout.close()
        assert painter.wait(60) == 1
        assert painter.stderr.read() == b""
