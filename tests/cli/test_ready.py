import pytest

from impasto.networks import download

from .conftest import Impasto


@pytest.mark.parametrize(
    "words",
    [
        ("distill", "nowhere", "-o", "a.safetensors"),
        ("train", "nowhere", "--styles", ".", "-o", "a.safetensors"),
        ("style", "learn", "photo.png", "nowhere", "-o", "a.style"),
        ("sweep", "photo.png", "nowhere.png", "-o", "a.png", "--seed", "1,2"),
        ("batch", "nowhere", "style.png", "-o", "out"),
    ],
)
def test_where_all_is_quiet_so_are_downloads(impasto: Impasto, words: tuple[str, ...], monkeypatch) -> None:
    monkeypatch.setattr(download.console, "quiet", False)
    assert impasto(*words, "--quiet").code == 2
    assert download.console.quiet
    assert impasto(*words).code == 2
    assert not download.console.quiet
