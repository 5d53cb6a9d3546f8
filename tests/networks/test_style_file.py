"""Styles in numbers: what a file gives back, what lies between two sizes, and what is refused."""

from pathlib import Path

import pytest
import safetensors.torch
import torch

from impasto.errors import WeightsError
from impasto.networks.style_file import SavedStyle, load_style, style_notes
from impasto.styles import found, shipped

STYLE = SavedStyle("print", "somebody, something", {256: torch.zeros(1, 5), 1024: torch.ones(1, 5)})


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_file_gives_the_style_back(tmp_path: Path) -> None:
    path = written(tmp_path / "a.style", STYLE.file())
    loaded = load_style(path, "print", 5)
    assert (loaded.painter, loaded.about) == ("print", "somebody, something")
    assert {side: look.tolist() for side, look in loaded.looks.items()} == {256: [[0.0] * 5], 1024: [[1.0] * 5]}
    assert style_notes(path)["about"] == "somebody, something"


@pytest.mark.parametrize(("side", "expected"), [(256, 0.0), (512, 0.5), (1024, 1.0), (20, 0.0), (9000, 1.0)])
def test_between_two_sizes_it_is_mixed_and_beyond_them_the_nearest(side: int, expected: float) -> None:
    torch.testing.assert_close(STYLE.at(side), torch.full((1, 5), expected))


def test_what_is_no_style_of_this_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="there is no style"):
        load_style(tmp_path / "none.style", "print", 5)
    with pytest.raises(WeightsError, match="for another network"):
        load_style(written(tmp_path / "a.style", STYLE.file()), "other", 5)
    other = safetensors.torch.save({"256": torch.zeros(1, 5)}, {"format": "other", "painter": "print"})
    for content in (b"", b"none" * 99, other):
        with pytest.raises(WeightsError, match="holds no style"):
            load_style(written(tmp_path / "a.style", content), "print", 5)


def test_what_is_damaged_is_refused(tmp_path: Path) -> None:
    told = {"format": "impasto style 1", "painter": "print"}
    for looks in (
        {},
        {"256": torch.zeros(1, 4)},
        {"256": torch.zeros(5)},
        {"256": torch.full((1, 5), float("nan"))},
        {"wide": torch.zeros(1, 5)},
        {"-1": torch.zeros(1, 5)},
    ):
        with pytest.raises(WeightsError, match="is damaged"):
            load_style(written(tmp_path / "a.style", safetensors.torch.save(looks, told)), "print", 5)


def test_words_mean_files_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert found("a.style") == Path("a.style")
    assert found("starry-night") == shipped()["starry-night"]
    assert found(Path("starry-night")) == shipped()["starry-night"]
    assert found("photo.jpg") is None
    assert found(object()) is None
    Path("starry-night").touch()
    assert found("starry-night") is None, "a file comes before a name"
