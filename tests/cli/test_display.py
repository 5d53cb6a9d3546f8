import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

import impasto
from impasto.cli import display as module
from impasto.cli.display import by_role, display, duration
from impasto.cli.film_display import film_display
from impasto.engine.progress import Progress
from impasto.jobs.film import FilmProgress

PROGRESS = Progress(
    step=40,
    steps=150,
    size=(384, 512),
    loss=0.625,
    losses={"style relu1_1": 0.125, "content relu4_2": 0.25, "style relu2_1": 0.125, "tv": 0.125},
    elapsed=75,
    remaining=3675,
    image=torch.zeros(1, 3, 2, 2),
)
TOLD = "loss 0.625 (content 0.25, style 0.25, tv 0.125)"


def test_losses_are_summed_by_role_in_one_order() -> None:
    assert list(by_role(PROGRESS.losses).items()) == [("content", 0.25), ("style", 0.25), ("tv", 0.125)]
    assert by_role({}) == {}


def test_no_loss_of_a_search_is_left_out(photo: Image.Image, styles: Mapping[str, Image.Image]) -> None:
    settings = {"size": 32, "iterations": 1, "tv_weight": 1.0}
    (step,) = impasto.stylize(photo, styles["mosaic"], **settings).trace
    parts = by_role(step["losses"])
    assert list(parts) == ["content", "style", "tv", "chroma"]
    assert sum(parts.values()) == pytest.approx(step["loss"])


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (75, "1:15"), (3599.9, "1:00:00"), (3675, "1:01:15")],
)
def test_durations(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_a_log_file_gets_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    with display(quiet=False) as show:
        for now in (1.0, 9.9, 10.0, 11.0, 19.9, 25.0):  # noqa: B007 (read by the clock)
            show(PROGRESS)
    assert capsys.readouterr().err.splitlines() == [f"512×384  step 40 of 150  1:15, 1:01:15 left  {TOLD}"] * 2


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with display(quiet=True) as show:
        show(PROGRESS)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_loading_then_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(
        module, "Console", lambda **_: Console(file=screen, force_terminal=True, width=160, color_system=None)
    )
    monkeypatch.setenv("TERM", "xterm")
    with display(quiet=False) as show:
        before = screen.getvalue()
        show(PROGRESS)
    assert "loading" in before
    after = screen.getvalue().removeprefix(before)
    for words in ("512×384", "40/150", TOLD, "1:15, 1:01:15 left"):
        assert words in after
    assert after.endswith("\x1b[2K")  # the bar is gone when the run is over


def shown(width: int, monkeypatch: pytest.MonkeyPatch, show_all: Callable[[], None]) -> str:
    """The last line that a terminal of that width was given."""
    screen = io.StringIO()
    monkeypatch.setattr(
        module, "Console", lambda **_: Console(file=screen, force_terminal=True, width=width, color_system=None)
    )
    monkeypatch.setenv("TERM", "xterm")
    show_all()
    return [line for line in re.split(r"[\r\n]|\x1b\[2K", screen.getvalue()) if "━" in line][-1]


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_loses_the_losses_and_nothing_before_them(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def show_all() -> None:
        with display(quiet=False) as show:
            show(PROGRESS)

    last = shown(width, monkeypatch, show_all)
    assert re.fullmatch("[^ ] 512×384   ━.* 40/150  1:15, 1:01:15 left .*…", last)
    assert len(last) == width


def test_a_narrow_terminal_shows_how_far_a_film_is_and_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    def show_all() -> None:
        frame = np.zeros((2, 2, 3), np.uint8)
        with film_display(quiet=False) as show:
            show(FilmProgress(done=1234, frames=5678, elapsed=75, rate=6.25, painting=frame))

    last = shown(60, monkeypatch, show_all)
    assert re.fullmatch("[^ ] frame 1234 of 5678 ━.* 1:15, 11:51 left, .*…", last)


def test_what_is_painted_at_once_has_no_losses_to_show(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "monotonic", iter([0.0, 11.0, 11.0]).__next__)
    with display(quiet=False) as show:
        show(replace(PROGRESS, step=1, steps=1, losses={}))
    assert capsys.readouterr().err == "512×384  step 1 of 1  1:15, 1:01:15 left  painted\n"
