import json
import re

import pytest

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
