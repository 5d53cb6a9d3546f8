import sys
from importlib import import_module

import numpy as np
import pytest
from video.clips import drawn, write_clip

from impasto.errors import FilmError, MissingExtraError, OutputError
from impasto.video.reading import Film
from impasto.video.writing import FilmWriter


def test_without_pyav_what_to_type_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.delitem(sys.modules, "impasto.video.ffmpeg")
    with pytest.raises(MissingExtraError, match=r"a film needs an optional package: .* pip install .*(av|video)"):
        import_module("impasto.video.ffmpeg")


@pytest.mark.parametrize("name", ["http:film.mp4", "a %03d #1?.mp4", "-i.mp4", "été 'n' \"co\".mp4"])
def test_a_name_is_a_name_and_nothing_else(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "a.mp4", [drawn(n) for n in range(3)]).rename(tmp_path / name)
    film = Film(name)
    assert len(list(film.frames())) == 3
    with FilmWriter(f"new {name}", (48, 64), film) as writer:
        for frame in film.frames():
            writer.add(frame.pixels, frame.time, frame.duration)
    assert len(list(Film(f"new {name}").frames())) == 3


def test_a_list_of_films_is_none(tmp_path):
    (tmp_path / "a.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n")
    with pytest.raises(FilmError, match="is a list of films"):
        Film(tmp_path / "a.m3u8")


def test_what_an_encoder_cannot_do_is_told_before_the_first_frame(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", [drawn(0)]))
    with (
        pytest.raises(OutputError, match="cannot be written") as caught,
        FilmWriter(tmp_path / "b.webp", (48, 20_000), film) as writer,
    ):
        writer.add(np.zeros((48, 20_000, 3), np.uint8), 0, 1)
    assert "\n" not in str(caught.value)
