from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impasto.video.frames import Moment
from impasto.video.timing import at_rate, lasting, plain, within


def moments(*times, last=None):
    return (Moment(Fraction(time), None if time != times[-1] else last, lambda: None) for time in times)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("25", (25, 1)),
        ("23.976", (2997, 125)),
        ("23.976023976", (24000, 1001)),
        ("59.94005994005994", (60000, 1001)),
        ("12.3456", (7716, 625)),
        ("0.033333333333", (1, 30)),
        ("0.0001", (1, 10000)),
    ],
)
def test_a_rate_is_what_was_meant_by_it(written, meant):
    assert plain(Fraction(written)) == Fraction(*meant)


def test_a_moment_lasts_until_the_next():
    lasts = [moment.duration for moment in lasting(moments(0, 1, 4, 5), Fraction(9))]
    assert lasts == [1, 3, 1, 1]
    assert [moment.duration for moment in lasting(moments(0, 1, last=Fraction(7)), Fraction(9))] == [1, 7]
    assert [moment.duration for moment in lasting(moments(3), Fraction(9))] == [9]
    assert list(lasting(moments(), Fraction(9))) == []


def test_the_start_belongs_to_a_part_and_the_end_does_not():
    part = within(moments(0, 1, 2, 3, 4), Fraction(1), Fraction(3))
    assert [moment.time for moment in part] == [1, 2]
    assert [moment.time for moment in within(moments(0, 1, 2), Fraction(1, 2), None)] == [1, 2]


def test_what_stays_on_at_the_start_belongs_to_a_part_but_not_the_rest_of_a_frame():
    def part(start):
        film = lasting(moments(0, 1, 2), Fraction(1))
        return [(moment.time, moment.duration) for moment in within(film, Fraction(start), None)]

    assert part("0.25") == [(Fraction("0.25"), Fraction("0.75")), (1, 1), (2, 1)]
    assert part("0.95") == [(1, 1), (2, 1)]
    assert part("2.5") == [(Fraction("2.5"), Fraction("0.5"))]


def test_what_stays_on_at_the_end_is_cut_there_but_no_frame_is():
    def part(end):
        film = lasting(moments(0, 1, 2), Fraction(1))
        return [(moment.time, moment.duration) for moment in within(film, Fraction(0), Fraction(end))]

    assert part("1.25") == [(0, 1), (1, Fraction("0.25"))]
    assert part("1.95") == [(0, 1), (1, 1)]
    assert part("9") == [(0, 1), (1, 1), (2, 1)]


def test_another_rate_worked_by_hand():
    film = lasting(moments(0, 1, 4, 5), Fraction(1))
    shown = [(moment.time, moment.duration) for moment in at_rate(film, Fraction(1, 2))]
    assert shown == [(0, 2), (2, 2), (4, 2)]


@pytest.mark.parametrize("end", [None, Fraction("0.75")])
def test_a_film_that_is_over_before_its_first_tick_has_a_frame_still(end):
    film = lasting(moments("0.5", last=Fraction("0.3")), Fraction(1))
    assert [(moment.time, moment.duration) for moment in at_rate(film, Fraction(1), end)] == [(0, 1)]
    film = lasting(moments("0.5", last=Fraction(1)), Fraction(1))
    assert [moment.time for moment in at_rate(film, Fraction(1), end)] == [0 if end else 1]


@settings(max_examples=40, deadline=None)
@given(
    times=st.lists(st.fractions(0, 20, max_denominator=100), min_size=1, max_size=20, unique=True).map(sorted),
    rate=st.fractions(Fraction(1, 4), 60, max_denominator=1001),
)
def test_at_every_tick_that_is_shown_which_was_shown_then(times, rate):
    film = list(lasting((Moment(time, None, lambda time=time: time) for time in times), Fraction(1)))
    shown = list(at_rate(iter(film), rate))
    end = film[-1].time + film[-1].duration
    ticks = [n / rate for n in range(2401) if times[0] <= n / rate < end]
    assert [moment.time for moment in shown] == (ticks or [floor(times[0] * rate) / rate])
    for moment in shown:
        assert moment.pixels() == max((time for time in times if time <= moment.time), default=times[0])
