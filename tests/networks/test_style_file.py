"""Styles in numbers: what a file gives back, what lies between two sizes, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch

from impasto.errors import WeightsError
from impasto.networks.adaptation import begun
from impasto.networks.feedforward import FeedForward
from impasto.networks.style_file import SavedStyle, load_style, style_notes
from impasto.styles import file_of, shipped

PRINT = FeedForward([4, 4, 4])
PRINT.fingerprint = "print"
OTHER = FeedForward([4, 4, 4])
OTHER.fingerprint = "other"
STYLE = SavedStyle("print", "somebody, something", {256: torch.zeros(1, 5), 1024: torch.ones(1, 5)})


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_file_gives_the_style_back(tmp_path: Path) -> None:
    path = written(tmp_path / "a.style", STYLE.file())
    loaded = load_style(path, PRINT, 5, 3)
    assert (loaded.painter, loaded.about) == ("print", "somebody, something")
    assert {side: look.tolist() for side, look in loaded.looks.items()} == {256: [[0.0] * 5], 1024: [[1.0] * 5]}
    assert style_notes(path)["about"] == "somebody, something"


def test_what_is_known_of_the_light_comes_back_too(tmp_path: Path) -> None:
    lights = {256: torch.tensor([[1.0, 2.0, 3.0]]), 1024: torch.tensor([[2.0, 2.0, 5.0]])}
    loaded = load_style(written(tmp_path / "a.style", replace(STYLE, lights=lights).file()), PRINT, 5, 3)
    assert {side: light.tolist() for side, light in loaded.lights.items()} == {256: [[1, 2, 3]], 1024: [[2, 2, 5]]}
    assert loaded.looks.keys() == STYLE.looks.keys()
    assert loaded.light_at(512).tolist() == [[1.5, 2, 4]]


@pytest.mark.parametrize(
    "lights",
    [
        {256: torch.ones(1, 3)},
        {256: torch.ones(1, 3), 1024: torch.ones(1, 2)},
        {256: torch.ones(1, 3), 512: torch.ones(1, 3)},
        {256: torch.ones(1, 3), 1024: torch.full((1, 3), float("nan"))},
    ],
)
def test_light_that_is_damaged_is_refused(tmp_path: Path, lights: dict[int, torch.Tensor]) -> None:
    with pytest.raises(WeightsError, match="is damaged"):
        load_style(written(tmp_path / "a.style", replace(STYLE, lights=lights).file()), PRINT, 5, 3)


def learned() -> dict[str, torch.Tensor]:
    """An adaptation with numbers everywhere."""
    chance = torch.Generator().manual_seed(0)
    return {name: torch.randn(part.shape, generator=chance) for name, part in begun(PRINT, chance).items()}


def test_what_was_learned_comes_back_to_a_hundredth(tmp_path: Path) -> None:
    adaptation = learned()
    loaded = load_style(written(tmp_path / "a.style", replace(STYLE, adaptation=adaptation).file()), PRINT, 5, 3)
    assert loaded.looks.keys() == STYLE.looks.keys()
    assert loaded.adaptation.keys() == adaptation.keys()
    for name, part in adaptation.items():
        assert (loaded.adaptation[name] - part).abs().max() <= 0.0041 * part.abs().max(), name


def test_nothing_learned_is_nothing_in_the_file(tmp_path: Path) -> None:
    assert load_style(written(tmp_path / "a.style", STYLE.file()), PRINT, 5, 3).adaptation == {}


@pytest.mark.parametrize("name", ["up.0.thin", "up.0.wide", "leave.bias", "noise.1"])
def test_what_was_learned_for_another_network_or_in_part_is_refused(tmp_path: Path, name: str) -> None:
    adaptation = learned()
    for damaged in (
        {other: part for other, part in adaptation.items() if other != name},
        adaptation | {name: torch.zeros(3)},
        adaptation | {name: torch.full_like(adaptation[name], float("nan"))},
        adaptation | {"down.0.bias": torch.zeros(4)},
    ):
        content = replace(STYLE, adaptation=damaged).file()
        with pytest.raises(WeightsError, match="is damaged"):
            load_style(written(tmp_path / "a.style", content), PRINT, 5, 3)


@pytest.mark.parametrize(("side", "expected"), [(256, 0.0), (512, 0.5), (1024, 1.0), (20, 0.0), (9000, 1.0)])
def test_between_two_sizes_it_is_mixed_and_beyond_them_the_nearest(side: int, expected: float) -> None:
    torch.testing.assert_close(STYLE.at(side), torch.full((1, 5), expected))


def test_what_is_no_style_of_this_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="there is no style"):
        load_style(tmp_path / "none.style", PRINT, 5, 3)
    with pytest.raises(WeightsError, match="for another network"):
        load_style(written(tmp_path / "a.style", STYLE.file()), OTHER, 5, 3)
    other = safetensors.torch.save({"256": torch.zeros(1, 5)}, {"format": "other", "painter": "print"})
    for content in (b"", b"none" * 99, other):
        with pytest.raises(WeightsError, match="holds no style"):
            load_style(written(tmp_path / "a.style", content), PRINT, 5, 3)


def test_what_is_damaged_is_refused(tmp_path: Path) -> None:
    told = {"format": "impasto style 1", "painter": "print"}
    unfolding = {name: torch.zeros(*part.shape[:1], *[1] * (part.dim() - 1)) for name, part in learned().items()}
    unfolding |= {f"{name}.scale": torch.ones(part.shape) for name, part in learned().items()}
    for looks in (
        {},
        {"256": torch.zeros(1, 4)},
        {"256": torch.zeros(5)},
        {"256": torch.full((1, 5), float("nan"))},
        {"wide": torch.zeros(1, 5)},
        {"-1": torch.zeros(1, 5)},
        {"9" * 400: torch.zeros(1, 5)},
        {"256": torch.full((1, 5), 3e38)},
        {"256": torch.zeros(1, 5)} | unfolding,
    ):
        with pytest.raises(WeightsError, match="is damaged"):
            load_style(written(tmp_path / "a.style", safetensors.torch.save(looks, told)), PRINT, 5, 3)


def test_numbers_of_a_kind_that_torch_does_not_know_are_damage(tmp_path: Path) -> None:
    whole = safetensors.torch.save(
        {"256": torch.zeros(1, 2, dtype=torch.uint8)}, {"format": "impasto style 1", "painter": "print"}
    )
    content = whole.replace(b'"dtype":"U8","shape":[1,2]', b'"dtype":"F4","shape":[1,4]')
    assert content != whole
    with pytest.raises(WeightsError, match="is damaged"):
        load_style(written(tmp_path / "a.style", content), PRINT, 5, 3)


def test_words_mean_files_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert file_of("a.style") == Path("a.style")
    assert file_of("starry-night") == shipped()["starry-night"]
    assert file_of(Path("starry-night")) == shipped()["starry-night"]
    assert file_of("photo.jpg") is None
    assert file_of(object()) is None
    Path("starry-night").touch()
    assert file_of("starry-night") is None, "a file comes before a name"
