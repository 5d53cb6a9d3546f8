"""A style is learned: its file paints nearer to it, and nothing of it is left where there is no strength."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from impasto import stylize
from impasto.cli import main
from impasto.engine.looks import look
from impasto.engine.restyling import paint
from impasto.errors import ImageError, SettingsError
from impasto.methods.style import style_to_save
from impasto.networks import load
from impasto.networks.adaptation import Adaptation, adapted
from impasto.networks.feedforward import load_feedforward
from impasto.settings import LearnSettings
from impasto.training.adaptation import Lessons
from impasto.training.crops import KeptCrops
from impasto.training.style_losses import style_losses

SETTINGS = LearnSettings(steps=30, batch=2, side=64, rate=0.01)


@pytest.fixture
def painting(folders: list[Path]) -> Path:
    """A woodcut: brush strokes the network paints at a glance all but as well as it can."""
    return sorted(folders[1].iterdir())[2]


def test_the_style_comes_nearer(folders: list[Path], painting: Path) -> None:
    reports = []
    settings = SETTINGS.model_copy(update={"side": 128})  # of less the deepest layer sees too little
    learned = Lessons(folders[:1], settings).learn(painting, reports.append)
    assert [report.step for report in reports] == [*range(1, 31)]
    network = load_feedforward()
    style = style_to_save(network, painting, adaptation=learned)
    photos, pieces = (
        KeptCrops([[each]], 128, 5, 2.0)(range(4)) for each in (sorted(folders[0].iterdir())[0], painting)
    )
    judge, losses = load("student"), []
    for painter in (network, adapted(network, [(style.adaptation, 1.0)])):
        with torch.inference_mode():
            losses.append(style_losses(paint(painter, photos, look(painter, pieces), 1.0), photos, pieces, judge))
    assert losses[1]["style"].mean() < 0.9 * losses[0]["style"].mean()


def test_the_same_seed_learns_the_same(folders: list[Path], painting: Path) -> None:
    settings = SETTINGS.model_copy(update={"steps": 3})
    once, twice = (Lessons(folders[:1], settings).learn(painting, lambda _: None) for _ in range(2))
    assert all(torch.equal(part, twice[name]) for name, part in once.items())
    lessons = Lessons(folders[:1], settings)
    lessons.learn(sorted(folders[1].iterdir())[1], lambda _: None)
    after = lessons.learn(painting, lambda _: None)
    assert all(torch.equal(part, after[name]) for name, part in once.items()), "what was learned before does not count"


def test_a_rate_too_high_is_told(folders: list[Path], painting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(painted: torch.Tensor, *_: object) -> dict[str, torch.Tensor]:
        return {
            name: float("nan") * painted.mean((1, 2, 3))
            for name in ("content", "style", "chroma", "copy", "grain", "weave", "grid")
        }

    monkeypatch.setattr("impasto.training.adaptation.style_losses", nothing)
    with pytest.raises(SettingsError, match="smaller --rate"):
        Lessons(folders[:1], SETTINGS).learn(painting, lambda _: None)


@pytest.mark.parametrize(("steps", "told"), [(0, "before anything was learned"), (2, "in 2 of 1000 steps")])
def test_stopped_it_keeps_what_was_learned(
    steps: int, told: str, folders: list[Path], painting: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    find, path = Lessons._find, tmp_path / "learned.style"

    def stopping(lessons: Lessons, step: int, styles: KeptCrops) -> dict[str, float]:
        if step == steps - 1:
            signal.raise_signal(signal.SIGINT)
        return find(lessons, step, styles)

    monkeypatch.setattr(Lessons, "_find", stopping)
    if not steps:
        monkeypatch.setattr(Lessons, "learn", _stopped(Lessons.learn))
    words = ["style", "learn", str(painting), str(folders[0]), "-o", str(path), "--side", "64", "--steps", "1000"]
    assert main(words) == 130
    assert told in capsys.readouterr().err
    assert path.exists() == (steps > 0)
    path.write_bytes(b"learned in all steps")
    assert main(words) == 130
    assert path.read_bytes() == b"learned in all steps"


def test_what_cannot_be_kept_is_told_before_the_lessons(
    folders: list[Path], painting: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(Lessons, "learn", lambda *_: pytest.fail("lessons"))
    path = str(tmp_path / "learned.style")
    for picture, about in ((painting, "caf\udce9"), (folders[0], "")):
        assert main(["style", "learn", str(picture), str(folders[0]), "-o", path, "--about", about]) == 2
        assert "fault" not in capsys.readouterr().err


def test_what_is_no_picture_and_what_is_no_folder_is_told(folders: list[Path], painting: Path) -> None:
    with pytest.raises(SettingsError, match="it is a file"):
        Lessons([painting], SETTINGS)
    with pytest.raises(ImageError, match="there is no such file"):
        Lessons(folders[:1], SETTINGS).learn(painting.with_name("none.png"), lambda _: None)


def _stopped(learn: Callable[..., Adaptation]) -> Callable[..., Adaptation]:
    """The same, interrupted before it begins."""

    def stopped(*args: object) -> Adaptation:
        signal.raise_signal(signal.SIGINT)
        return learn(*args)

    return stopped


def test_the_command_makes_a_style_that_fades_with_the_strength(
    folders: list[Path], painting: Path, photo: Image.Image, tmp_path: Path, capsys
) -> None:
    path = tmp_path / "learned.style"
    words = ["style", "learn", str(painting), str(folders[0]), "-o", str(path), "--steps", "8", "--side", "64"]
    assert main([*words, "--rate", "0.05", "--about", "a mosaic"]) == 0
    assert "kB" in capsys.readouterr().err
    assert 50_000 < path.stat().st_size < 150_000
    saved = tmp_path / "saved.style"
    assert main(["style", "save", str(painting), "-o", str(saved), "--quiet"]) == 0

    def painted(*styles: Path, **settings: object) -> torch.Tensor:
        return stylize(photo.resize((160, 128)), *styles, preset="fast", size=160, **settings).picture.pixels

    assert (painted(path) - painted(saved)).abs().mean() > 0.003
    assert torch.equal(painted(path, strength=0.0), painted(saved, strength=0.0))
    assert torch.equal(painted(path, saved, style_weights="1,0"), painted(path))
    assert torch.equal(painted(path, saved, style_weights="0,1"), painted(saved))
