import time

import pytest
from PIL import Image

from .conftest import TINY, Impasto

SWEEP = ("sweep", "photo.png", "style.png", "-o", "sheet.png", *TINY)


def test_every_combination_is_made_and_laid_out(impasto: Impasto, folder) -> None:
    ended = impasto(*SWEEP, "--strength", "0.2,0.5,0.8", "--style-loss", "gram,wasserstein")
    assert ended.code == 0, ended.err
    assert sorted(path.name for path in (folder / "sheet").iterdir())[::5] == [
        "001-strength-0.2-style-loss-gram.png", "006-strength-0.8-style-loss-wasserstein.png"
    ]  # fmt: skip
    sheet = Image.open(folder / "sheet.png")
    assert sheet.height > 3 * 384  # the last setting's values side by side, so three rows


def test_what_is_there_is_not_made_again(impasto: Impasto, folder, monkeypatch) -> None:
    words = [*SWEEP[:-1], "--strength", "0.2,0.8"]
    assert "picture 1 of 2" in impasto(*words).err
    begun = {path: path.stat().st_mtime_ns for path in (folder / "sheet").iterdir()}
    (folder / "sheet" / "002-strength-0.8.png").unlink()
    told = impasto(*words).err
    assert "picture 1 of 2" not in told
    assert "picture 2 of 2: strength 0.8" in told
    first = folder / "sheet" / "001-strength-0.2.png"
    assert first.stat().st_mtime_ns == begun[first]


def test_another_setting_or_a_newer_photo_makes_it_again(impasto: Impasto, folder) -> None:
    words = [*SWEEP[:-1], "--strength", "0.2,0.8"]
    impasto(*words)
    assert "picture 1 of 2" in impasto(*words, "--seed", "7").err
    time.sleep(0.02)
    (folder / "style.png").touch()
    assert "picture 1 of 2" in impasto(*words, "--seed", "7").err


def test_a_blend_goes_from_one_style_to_the_other(impasto: Impasto, folder) -> None:
    ended = impasto("sweep", "photo.png", "style.png", "photo.png", "-o", "sheet.png", *TINY, "--blend", "3")
    assert ended.code == 0, ended.err
    names = sorted(path.name for path in (folder / "sheet").iterdir())
    assert [name[4:] for name in names] == [
        "style-weights-1-0.png", "style-weights-0.5-0.5.png", "style-weights-0-1.png"
    ]  # fmt: skip


def test_best_names_the_picture_that_the_figures_prefer(impasto: Impasto) -> None:
    told = impasto(*SWEEP, "--strength", "0.2,0.8", "--best").out
    assert "strength 0." in told
    assert "compromise" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "several values"),
        (("--strength", "0.2,7"), "strength"),
        (("--style-loss", "gram,gramm"), "gram"),
        (("--blend", "3"), "2 styles"),
        (("--seed", ",".join(map(str, range(401)))), "400"),
    ],
)
def test_mistakes_get_one_line(words: tuple[str, ...], told: str, impasto: Impasto, folder) -> None:
    ended = impasto(*SWEEP, *words)
    assert ended.code == 2
    assert told in ended.err
    assert ended.err.count("\n") == 1
    assert not (folder / "sheet").exists()
