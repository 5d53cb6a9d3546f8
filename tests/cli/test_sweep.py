import pytest
from PIL import Image

from .conftest import TINY, Impasto

SWEEP = ("sweep", "photo.png", "style.png", "-o", "sheet.png", *TINY)


def test_every_combination_is_made_and_laid_out(impasto: Impasto, folder) -> None:
    ended = impasto(*SWEEP, "--strength", "0.2,0.5,0.8", "--style-loss", "gram,wasserstein")
    assert ended.code == 0, ended.err
    names = sorted(path.name.rpartition("-")[0] for path in (folder / "sheet").iterdir())
    assert len(names) == 6
    assert names[::5] == ["strength-0.2-style-loss-gram", "strength-0.8-style-loss-wasserstein"]
    sheet = Image.open(folder / "sheet.png")
    assert sheet.height > 5 * 384  # the last setting's values side by side, so three rows, under what was put in


def test_what_is_there_is_not_made_again(impasto: Impasto, folder, monkeypatch) -> None:
    words = [*SWEEP[:-1], "--strength", "0.2,0.8"]
    assert "picture 1 of 2" in impasto(*words).err
    first, second = sorted((folder / "sheet").iterdir())
    begun = first.stat().st_mtime_ns
    second.unlink()
    told = impasto(*words).err
    assert "picture 1 of 2" not in told
    assert "picture 2 of 2: strength 0.8" in told
    assert first.stat().st_mtime_ns == begun


def test_another_setting_or_other_inputs_make_it_again(impasto: Impasto, folder) -> None:
    Image.new("L", (48, 40), 255).save(folder / "mask.png")
    words = [*SWEEP[:-1], "--strength", "0.2,0.8", "--mask", "mask.png"]
    for change in (
        lambda: None,
        lambda: words.extend(("--seed", "7")),
        lambda: Image.open(folder / "photo.png").rotate(90).save(folder / "photo.png"),
        lambda: Image.linear_gradient("L").save(folder / "mask.png"),
    ):
        change()
        assert "picture 1 of 2" in impasto(*words).err
        assert "picture 1 of 2" not in impasto(*words).err


def test_a_note_on_pictures_is_given_once(impasto: Impasto) -> None:
    ended = impasto(*SWEEP[:-1], "--strength", "0.2,0.8", "--brushes", "2")
    assert ended.code == 0
    assert ended.err.count("note: --brushes: of no effect") == 1


def test_values_that_have_commas_are_separated_by_spaces(impasto: Impasto, folder) -> None:
    Image.open("photo.png").save("starry.png")
    two = ("sweep", "photo.png", "style.png", "starry.png", "-o", "sheet.png", *TINY)
    assert impasto(*two, "--style-scale", "1,2 2,1").code == 0
    names = {path.name.rpartition("-")[0] for path in (folder / "sheet").iterdir()}
    assert names == {"style-scale-1-2", "style-scale-2-1"}


def test_two_styles_may_have_the_same_region(impasto: Impasto, folder) -> None:
    Image.new("RGB", (48, 40), "red").save(folder / "map.png")
    two = ("sweep", "photo.png", "style.png", "photo.png", "-o", "sheet.png", *TINY, "--mask", "map.png")
    assert impasto(*two, "--style-mask", "red,red", "--strength", "0.2,0.8").code == 0


def test_a_blend_goes_from_one_style_to_the_other(impasto: Impasto, folder) -> None:
    ended = impasto("sweep", "photo.png", "style.png", "photo.png", "-o", "sheet.png", *TINY, "--blend", "3")
    assert ended.code == 0, ended.err
    names = {path.name.rpartition("-")[0] for path in (folder / "sheet").iterdir()}
    assert names == {"style-weights-1-0", "style-weights-0.5-0.5", "style-weights-0-1"}


def test_numbers_that_are_words_of_a_list_may_be_swept_over(impasto: Impasto, folder) -> None:
    assert impasto(*SWEEP, "--depth", "16", "--strength", "0.2,0.8,0.2").code == 0
    assert len(list((folder / "sheet").iterdir())) == 2


def test_a_blend_with_weights_of_ones_own_is_refused(impasto: Impasto, folder) -> None:
    ended = impasto(*SWEEP[:3], "style.png", *SWEEP[3:], "--blend", "3", "--style-weights", "5,5")
    assert ended.code == 2
    assert "style-weights" in ended.err


def test_best_names_the_picture_that_the_figures_prefer(impasto: Impasto) -> None:
    told = impasto(*SWEEP, "--strength", "0.2,0.8", "--best").out
    assert "strength 0." in told
    assert "compromise" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "sweep: nothing varies. Give a setting several values"),
        (("--strength", "0.3-0.7"), "strength: should be a valid number"),
        (("--strength", "0.2,7"), "strength"),
        (("--style-loss", "gram,gramm"), "gram"),
        (("--blend", "3"), "2 styles"),
        (("--seed", ",".join(map(str, range(401)))), "400"),
        (("--strength", "0.2,0.8", "--mask", "typo.png"), "typo.png"),
        (("--strength", "0.2,0.8", "--init", "typo.png"), "typo.png"),
        (("--blend", "2.7"), "2.7"),
    ],
)
def test_mistakes_get_one_line(words: tuple[str, ...], told: str, impasto: Impasto, folder) -> None:
    ended = impasto(*SWEEP, *words)
    assert ended.code == 2
    assert told in ended.err
    assert ended.err.count("\n") == 1
    assert not (folder / "sheet").exists()


@pytest.mark.parametrize("output", ["photo.png", "style.png", "mask.png", "sheet.gif", "none/sheet.png"])
def test_a_sheet_that_cannot_be_written_harms_nothing(output: str, impasto: Impasto, folder) -> None:
    Image.new("L", (48, 40), 255).save(folder / "mask.png")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    words = ("sweep", "photo.png", "style.png", *TINY, "--strength", "0.2,0.8", "--mask", "mask.png", "-o", output)
    ended = impasto(*words)
    assert ended.code == 2
    assert output.partition("/")[0] in ended.err
    assert ended.err.count("\n") == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_no_value_and_one_given_twice_are_one_value(impasto: Impasto, folder) -> None:
    words = [*SWEEP[:-1], "--strength", "0.3,0.5"]
    assert impasto(*words, "--seed", "7,7", "--style-weights", "").code == 0
    assert len([*(folder / "sheet").iterdir()]) == 2
