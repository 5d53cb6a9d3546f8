"""Films that were put together of recordings whose clocks all begin anew."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from video.clips import drawn, number, packets, write_clip

from impasto.video.breaks import Continued, Packed, _parts
from impasto.video.reading import Film
from impasto.video.writing import FilmWriter

STEP = Fraction(1, 25)


@pytest.fixture
def together(tmp_path) -> Path:
    """Three recordings of 8 frames one behind the other; the second is larger."""
    shots = [[drawn(8 * shot + n, *(96, 128) if shot == 1 else ()) for n in range(8)] for shot in range(3)]
    parts = [write_clip(tmp_path / f"{n}.ts", shot, sound="aac").read_bytes() for n, shot in enumerate(shots)]
    (tmp_path / "all.ts").write_bytes(b"".join(parts))
    return tmp_path / "all.ts"


def test_all_parts_are_read_one_after_the_other(together: Path) -> None:
    with Film(together) as film:
        frames = [*film.frames()]
        assert [number(frame.pixels) for frame in frames] == list(range(24))
        gaps = [after.time - before.time for before, after in pairwise(frames)]
        within = [gap for place, gap in enumerate(gaps, 1) if place % 8]
        assert all(abs(gap - STEP) < Fraction(1, 1000) for gap in within)
        assert all(gap < 3 * STEP for gap in gaps), "sound is a little longer than the frames"
        assert film.info.frames == pytest.approx(24, abs=4)
        assert not any("damaged" in note for note in film.notes)


def test_a_part_of_it_may_be_asked_for(together: Path) -> None:
    with Film(together, start=0.5) as film:
        assert [number(frame.pixels) for frame in film.frames()][-1] == 23
        assert film.offset >= Fraction(1, 2)


def test_the_sound_of_all_parts_goes_with_them(together: Path, tmp_path: Path) -> None:
    with Film(together) as film, FilmWriter(tmp_path / "out.mkv", film.info.shape, film) as writer:
        for frame in film.frames():
            writer.add(frame.pixels, frame.time, frame.duration)
    copied = packets(tmp_path / "out.mkv")
    in_the_film = [data[7:] for _, data in packets(together)]  # without the head that each has in such a stream
    assert [data for _, data in copied] == in_the_film
    times = [time for time, _ in copied]
    assert times == sorted(times)


def seconds(*times: float) -> list[Packed]:
    return [Packed(*map(Fraction, (time, time, time + 1))) for time in times]


def test_a_packet_that_is_out_of_place_is_no_break() -> None:
    assert len([*_parts(seconds(0, 1, 2, 90, 4, 5, 6))]) == 1
    assert len([*_parts(seconds(0, 1, 2, 3, -90, 5, 6, 7))]) == 1
    assert [part.ends for part in _parts(seconds(10, 11, 12, 13, 2, 3, 4))] == [14, 5]


def test_a_clock_counts_on() -> None:
    clock = Continued([Fraction(10), Fraction(25)])
    assert [time + clock(time) for time in map(Fraction, (3, 4, 5, 1, 2, 8, 0, 1))] == [3, 4, 5, 11, 12, 18, 25, 26]
