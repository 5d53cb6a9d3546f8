import json
import re
import signal
from pathlib import Path

import pytest
from methods.films import pan
from PIL import Image
from video.clips import write_clip

from .conftest import Impasto


def test_the_table_sets_each_result_beside_copies_of_the_inputs(
    impasto: Impasto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ended = impasto("compare", "photo.png", "--content", "photo.png", "--style", "style.png")
    assert ended.code == 0
    rows = [line.rsplit(maxsplit=8) for line in ended.out.splitlines() if re.search(r"\d\.\d{3}", line)]
    assert [row[0].strip() for row in rows] == ["photo.png", "copy of the content", "copy of the style"]
    assert rows[0][1:] == rows[1][1:]
    assert "Less is better" in ended.out


def test_names_are_told_as_they_are(impasto: Impasto, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    (folder / "x[").mkdir()
    names = ("out [final].png", "x[/y].png", "esc\x1b[31mred.png")
    for name in names:
        (folder / name).write_bytes((folder / "photo.png").read_bytes())
    told = impasto("compare", *names, "--content", "photo.png", "--style", "style.png").out
    assert all(name in told for name in ("out [final].png", "x[/y].png", r"esc\x1b[31mred.png"))


def test_json_has_every_figure(impasto: Impasto) -> None:
    ended = impasto("compare", "style.png", "photo.png", "--content", "photo.png", "--style", "style.png", "--json")
    told = json.loads(ended.out)
    assert [row["picture"] for row in told] == ["style.png", "photo.png", "copy of the content", "copy of the style"]
    assert told[1]["gram"] == pytest.approx(told[2]["gram"], rel=0.2)
    assert set(told[0]) == {
        "picture", "gram", "distribution", "palette", "perceptual", "structure", "edges", "noise", "weave"
    }  # fmt: skip


def test_a_picture_of_another_shape_is_told_to_have_been_stretched(impasto: Impasto) -> None:
    width, height = Image.open("photo.png").size
    Image.open("photo.png").resize((width // 2, height // 2)).save("smaller.png")
    Image.open("photo.png").resize((width, width)).save("square.png")
    given = ("--content", "photo.png", "--style", "style.png", "--json")
    assert impasto("compare", "photo.png", "smaller.png", *given).err == ""
    told = impasto("compare", "photo.png", "square.png", *given).err
    assert told == "note: square.png has another shape than photo.png, and was stretched to be compared\n"


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


@pytest.fixture
def clip(photo: Image.Image, impasto: Impasto) -> Impasto:
    """`clip.mp4`, and `out.mp4`, which was painted of a part of it."""
    write_clip(Path("clip.mp4"), pan(photo, 8, width=64, height=48))
    style = ("scream", "-o", "out.mp4", "--start", "0.04", "--quiet")
    assert impasto("video", "clip.mp4", *style).code == 0
    return impasto


FRAME_BY_FRAME = ("compare", "--video", "--frame-by-frame", "--content", "clip.mp4")


def test_what_each_frame_by_itself_would_be_stands_beside_the_input(clip: Impasto, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    ended = clip(*FRAME_BY_FRAME, "out.mp4", "--json")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert [row["film"] for row in told] == ["out.mp4", "each frame by itself", "input film"]
    assert told[0]["short"] < told[1]["short"]
    wanted = ("--steadiness", "0", "--start", "0.04", "--quiet")
    assert clip("video", "clip.mp4", "scream", "-o", "alone.mkv", "--codec", "ffv1", *wanted).code == 0
    alone = json.loads(
        clip("compare", "--video", "alone.mkv", "--content", "clip.mp4", "--start", "0.04", "--json").out
    )
    assert {**alone[0], "film": ""} == {**told[1], "film": ""}
    table = clip(*FRAME_BY_FRAME, "out.mp4", "--start", "0:00.04").out
    rows = [line.rsplit(maxsplit=5)[0].strip() for line in table.splitlines() if re.search(r"\d\.\d{3}", line)]
    assert rows == ["out.mp4", "each frame by itself", "input film"]
    assert not [*(tmp_path / "temporary").iterdir()]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("clip.mp4",), "no RESULT keeps how it was painted"),
        (("out.mp4", "--start", "0.08"), "was painted from 0.04 to the end of the film"),
        (("out.mp4", "--fps", "0"), "was painted at the rate of the film"),
        (("out.mp4", "clip.mp4"), "'clip.mp4' has 8 frames"),
        (("none.mp4",), "there is no such file"),
    ],
)
def test_mistakes_of_frame_by_frame_get_one_line(clip: Impasto, words: tuple[str, ...], told: str) -> None:
    ended = clip(*FRAME_BY_FRAME, *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("words", [("--frame-by-frame",), ("--fps", "0"), ("--start", "0")])
def test_times_and_frames_are_of_films(words: tuple[str, ...], impasto: Impasto) -> None:
    ended = impasto("compare", "photo.png", "--content", "photo.png", "--style", "style.png", *words)
    assert ended.code == 2
    assert "frame-by-frame: pictures have no times" in ended.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_frame_by_frame_is_stopped_at_once_and_leaves_nothing(
    clip: Impasto, number, code, monkeypatch, tmp_path
) -> None:
    from impasto.methods.film_feedforward import FeedForwardFilm

    paint = FeedForwardFilm.paint

    def pressed(self, cues):
        for count, finished in enumerate(paint(self, cues)):
            if count == 2:
                signal.raise_signal(number)
            yield finished

    monkeypatch.setattr(FeedForwardFilm, "paint", pressed)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    ended = clip(*FRAME_BY_FRAME, "out.mp4")
    assert (ended.code, ended.out, ended.err) == (code, "", "stopped: nothing was compared\n")
    assert not [*(tmp_path / "temporary").iterdir()]


def test_films_are_compared_with_their_content_alone(films: Impasto) -> None:
    for words in (("--style", "style.png"), ("--network", "student")):
        ended = films("compare", "--video", "film", "--content", "other", *words)
        assert (ended.code, ended.out) == (2, "")
        assert "films are compared with --content alone" in ended.err


def test_films_of_another_rate_are_compared_where_it_is_given(clip: Impasto) -> None:
    wanted = ("scream", "-o", "slow.mp4", "--fps", "5", "--quiet")
    assert clip("video", "clip.mp4", *wanted).code == 0
    told = ("compare", "--video", "slow.mp4", "--content", "clip.mp4")
    assert clip(*told).code == 2
    assert clip(*told, "--fps", "5").code == 0
