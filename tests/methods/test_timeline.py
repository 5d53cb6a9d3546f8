"""How much of each style there is at each time."""

import pytest

from impasto.errors import SettingsError
from impasto.methods.timeline import Timeline
from impasto.settings import FilmSettings


def timeline(given=1, **settings):
    return Timeline(FilmSettings.checked(settings), given)


def test_without_times_shares_stay_as_they_are():
    line = timeline(2, style_weights="3,1")
    assert line.shares(0) == line.shares(1e6) == [0.75, 0.25]


def test_styles_blend_in_a_line_and_stay():
    line = timeline(style_at=["0:04=b.jpg", "2=a.jpg"])
    assert line.styles == ["b.jpg", "a.jpg"]
    assert [line.shares(time) for time in (0, 1, 2, 3, 4, 9)] == [
        [1, 0, 0],
        [0.5, 0, 0.5],
        [0, 0, 1],
        [0, 0.5, 0.5],
        [0, 1, 0],
        [0, 1, 0],
    ]


def test_a_style_named_for_the_beginning_is_there_from_the_start():
    assert timeline(style_at="0=b.jpg").shares(0) == [0, 1]


def test_two_styles_at_one_time_are_refused():
    with pytest.raises(SettingsError, match="two styles are named for one time"):
        timeline(style_at=["60=a.jpg", "1:00=b.jpg"])
