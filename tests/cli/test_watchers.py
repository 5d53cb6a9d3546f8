import json
import math
from pathlib import Path

import pytest
import torch
from PIL import Image

from impasto.cli import watchers
from impasto.cli.watchers import Preview, in_turn, write_plot, write_trace
from impasto.engine.progress import Progress
from impasto.errors import OutputError
from impasto.images import Picture
from impasto.methods.result import Result
from impasto.settings import StylizeSettings


def progress(value: float, step: int = 1) -> Progress:
    return Progress(step, 9, (20, 30), 1.0, {"tv": 1.0}, 1.0, 1.0, torch.full((1, 3, 20, 30), value))


def result(*losses: float) -> Result:
    trace = [
        {"step": step, "size": [16 * step, 16], "seconds": 0.1 * step, "loss": loss, "losses": {"tv": loss}}
        for step, loss in enumerate(losses, start=1)
    ]
    return Result(Picture(torch.zeros(1, 3, 16, 16)), StylizeSettings(seed=5), trace, {}, "iterations", ["a note"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the watchers see: its last entry."""
    times = [100.0]
    monkeypatch.setattr(watchers, "monotonic", lambda: times[-1])
    return times


def test_watchers_are_told_in_turn() -> None:
    told: list[tuple[str, int]] = []
    tell = in_turn(lambda news: told.append(("a", news.step)), lambda news: told.append(("b", news.step)))
    tell(progress(0.5, 1))
    tell(progress(0.5, 2))
    assert told == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_a_preview_is_rewritten_every_two_seconds(tmp_path: Path, clock: list[float]) -> None:
    preview = Preview(tmp_path / "now.png", StylizeSettings())
    shown = []
    for time, value in ((100.0, 0.0), (101.0, 0.2), (102.0, 0.4), (103.9, 0.6), (104.0, 1.0)):
        clock.append(time)
        preview(progress(value))
        shown.append(Image.open(tmp_path / "now.png").getpixel((7, 7)))
    assert shown == [(0, 0, 0)] * 2 + [(102, 102, 102)] * 2 + [(255, 255, 255)]
    assert Image.open(tmp_path / "now.png").size == (30, 20)


def test_a_slow_disk_makes_previews_rare(tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def slow(*_: object) -> None:
        written.append(clock[-1])
        clock.append(clock[-1] + 1)

    preview = Preview(tmp_path / "now.png", StylizeSettings())
    monkeypatch.setattr("impasto.images.write", slow)
    while clock[-1] < 200:
        preview(progress(0.5))
        clock.append(clock[-1] + 0.25)
    assert sum(1 for _ in written) == 10  # one second in ten


def test_a_preview_that_fails_does_not_end_the_run(tmp_path: Path, clock: list[float]) -> None:
    (tmp_path / "folder").mkdir()
    preview = Preview(tmp_path / "folder" / "now.png", StylizeSettings())
    (tmp_path / "folder").rmdir()
    for _ in range(3):
        preview(progress(0.5))
        clock.append(clock[-1] + 10)
    (failure,) = preview.failures
    assert failure.startswith("no more previews: ")
    assert "now.png" in failure


def test_a_trace_is_strict_json(tmp_path: Path) -> None:
    write_trace(result(2.0, math.nan, math.inf, 1.5), tmp_path / "losses.json")
    told = json.loads((tmp_path / "losses.json").read_text(), parse_constant=pytest.fail)
    assert [entry["loss"] for entry in told["steps"]] == [2.0, None, None, 1.5]
    assert told["settings"] == StylizeSettings(seed=5).model_dump(mode="json")
    assert told["notes"] == ["a note"]


def test_a_trace_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"losses\.json"):
        write_trace(result(1.0), tmp_path / "nowhere" / "losses.json")


HEADS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "PNG": b"\x89PNG"}


@pytest.mark.parametrize("ending", HEADS)
@pytest.mark.parametrize("losses", [(3.0, 2.0, 1.0), (1.0,), (), (1.0, math.nan, 0.0)])
def test_plots(ending: str, losses: tuple[float, ...], tmp_path: Path) -> None:
    path = tmp_path / f"losses.{ending}"
    write_plot(result(*losses), path)
    assert path.read_bytes().startswith(HEADS[ending])
