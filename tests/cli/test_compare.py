import json
import re
from pathlib import Path

import pytest
from PIL import Image

from .conftest import Impasto


def test_the_table_sets_each_result_beside_copies_of_the_inputs(
    impasto: Impasto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ended = impasto("compare", "photo.png", "--content", "photo.png", "--style", "style.png")
    assert ended.code == 0
    rows = [line.rsplit(maxsplit=7) for line in ended.out.splitlines() if re.search(r"\d\.\d{3}", line)]
    assert [row[0].strip() for row in rows] == ["photo.png", "copy of the content", "copy of the style"]
    assert rows[0][1:] == rows[1][1:]
    assert "Less is better" in ended.out


def test_json_has_every_figure(impasto: Impasto) -> None:
    ended = impasto("compare", "style.png", "photo.png", "--content", "photo.png", "--style", "style.png", "--json")
    told = json.loads(ended.out)
    assert [row["picture"] for row in told] == ["style.png", "photo.png", "copy of the content", "copy of the style"]
    assert told[1]["gram"] == pytest.approx(told[2]["gram"], rel=0.2)
    assert set(told[0]) == {
        "picture", "gram", "distribution", "palette", "perceptual", "structure", "edges", "noise"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("none.png", "--content", "photo.png", "--style", "style.png"), "none.png"),
        (("photo.png", "--content", "photo.png"), "--style"),
        (("photo.png", "--content", "photo.png", "--style", "style.png", "--network", "vgg91"), "vgg19"),
    ],
)
def test_mistakes_get_one_line(words: tuple[str, ...], told: str, impasto: Impasto) -> None:
    ended = impasto("compare", *words)
    assert ended.code == 2
    assert told in ended.err
    assert ended.err.count("\n") == 1


@pytest.fixture
def films(impasto: Impasto) -> Impasto:
    """`film` and `other`, two folders of three frames, beside the pictures."""
    for name, levels in (("film", (90, 100, 90)), ("other", (90, 90, 90))):
        Path(name).mkdir()
        for number, level in enumerate(levels):
            Image.new("RGB", (48, 40), (level,) * 3).save(Path(name) / f"{number}.png")
    return impasto


def test_films_stand_beside_their_input(films: Impasto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ended = films("compare", "--video", "film", "--content", "other")
    assert ended.code == 0, ended.err
    rows = [line.rsplit(maxsplit=5) for line in ended.out.splitlines() if re.search(r"\d\.\d{3}", line)]
    assert [row[0].strip() for row in rows] == ["film", "input film"]
    assert [row[1] for row in rows] == ["0.039", "0.000"]  # 10 / 255
    assert "warping error" in ended.out


def test_films_as_json(films: Impasto) -> None:
    told = json.loads(films("compare", "film", "other", "--video", "--content", "film", "--json").out)
    assert [row["film"] for row in told] == ["film", "other", "input film"]
    assert set(told[0]) == {"film", "short", "long", "drift", "detail", "relative"}


def test_what_was_found_in_films_is_told_beside_their_figures(films: Impasto) -> None:
    Path("film/1.png").write_bytes(b"")
    ended = films("compare", "film", "--video", "--content", "other", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)[0]["short"] == 0, "the picture before the bad one stays on"
    assert ended.err.startswith("note: film: 1 picture was skipped")
    assert ended.err.count("\n") == 1


def test_a_film_that_is_none_gets_one_line(films: Impasto) -> None:
    ended = films("compare", "--video", "photo.png/x", "--content", "film")
    assert ended.code == 2
    assert ended.err.count("\n") == 1
