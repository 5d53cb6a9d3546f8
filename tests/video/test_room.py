from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from video.clips import drawn, write_clip

from impasto.errors import OutputError
from impasto.video.fingerprint import fingerprint
from impasto.video.frames import FilmInfo
from impasto.video.journal import Journal
from impasto.video.reading import Film
from impasto.video.room import check_room, needed
from impasto.video.writing import FilmWriter

INFO = FilmInfo((48, 64), Fraction(25), Fraction(1, 25), Fraction(4), 100, False, "h264")


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.webm", "a.gif", "a"])
def test_the_estimate_is_no_less_than_what_a_grainy_film_takes(tmp_path, name):
    chance = np.random.default_rng(0)
    frames = [np.clip(drawn(n, 96, 128) + chance.normal(0, 6, (96, 128, 3)), 0, 255).astype(np.uint8) for n in range(8)]
    film = Film(write_clip(tmp_path / "source.mp4", frames))
    journal = Journal(tmp_path / "j", {})
    with FilmWriter(tmp_path / name, (96, 128), film) as writer:
        for number, frame in enumerate(film.frames()):
            journal.add(number, frames[number])
            writer.add(frames[number], frame.time, frame.duration)
    out = tmp_path / name
    taken = sum(file.stat().st_size for folder in (journal.folder, out) if folder.is_dir() for file in folder.iterdir())
    taken += out.stat().st_size if out.is_file() else 0
    assert taken < needed(out, (96, 128), film.info) * 1.05
    assert taken > needed(out, (96, 128), film.info) / 4


def test_a_film_of_unknown_length_needs_nobody_knows_what():
    unknown = FilmInfo((48, 64), Fraction(25), Fraction(1, 25), None, None, False, "h264")
    assert needed(Path("a.mp4"), (48, 64), unknown) == 0
    assert needed(Path("a.mp4"), (96, 128), INFO) == 4 * needed(Path("a.mp4"), (48, 64), INFO)


def test_what_a_painter_goes_on_from_takes_room_as_well():
    more = needed(Path("a.mp4"), (48, 64), INFO, state=640) - needed(Path("a.mp4"), (48, 64), INFO)
    assert more == pytest.approx(48 * 64 * 640 * (100 / 64 + 4), abs=1), "those that stay, and the newest"


def test_the_states_of_a_short_film_are_reckoned_with(tmp_path):
    journal = Journal(tmp_path / "j", {})
    for number in range(8):
        journal.add(number, drawn(0), bytes(48 * 64 * 30))
    states = sum(file.stat().st_size for file in journal.folder.glob("*.state"))
    info = replace(INFO, frames=8)
    more = needed(Path("a.mp4"), (48, 64), info, state=30) - needed(Path("a.mp4"), (48, 64), info)
    assert states <= more < 1.5 * states


def test_too_little_room_is_told_in_a_line(tmp_path):
    check_room(tmp_path / "a.mp4", 1000)
    with pytest.raises(
        OutputError, match=r"take about 1000000000.0 GB until they are done, and .* GB are free"
    ) as caught:
        check_room(tmp_path / "a.mp4", 10**18)
    assert "\n" not in str(caught.value)


def test_another_film_has_another_fingerprint(tmp_path):
    one = write_clip(tmp_path / "one.mp4", [drawn(n) for n in range(5)])
    two = write_clip(tmp_path / "two.mp4", [drawn(n) for n in range(1, 6)])
    moved = tmp_path / "moved.mp4"
    moved.write_bytes(one.read_bytes())
    assert fingerprint(Film(one)) == fingerprint(Film(moved, start=0.1))
    assert fingerprint(Film(one)) != fingerprint(Film(two))
    for name, film in (("a", one), ("b", two)):
        with FilmWriter(tmp_path / name, (48, 64), Film(film)) as writer:
            for frame in Film(film).frames():
                writer.add(frame.pixels, frame.time, frame.duration)
    assert fingerprint(Film(tmp_path / "a")) != fingerprint(Film(tmp_path / "b"))
    assert fingerprint(Film(tmp_path / "a")) == fingerprint(Film(tmp_path / "a" / "*.png"))
