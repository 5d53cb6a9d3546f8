"""The settings that only films have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.errors import SettingsError
from impasto.settings import FilmSettings, StylizeSettings
from impasto.settings.film import parse_steps_back, parse_style_at, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1:30", 90), ("0:01:30.5", 90.5), ("1:00:00", 3600), (" .5 ", 0.5)]
)
def test_times(text, seconds):
    assert parse_time(text) == seconds


@given(st.text("0123456789:.=-+einfa ", max_size=12))
def test_any_text_is_a_time_or_refused(text):
    try:
        seconds = parse_time(text)
    except ValueError:
        return
    assert 0 <= seconds < float("inf")


def test_a_style_may_have_a_sign_of_equality_in_its_name():
    assert parse_style_at("0:05=a=b.jpg") == (5.0, "a=b.jpg")


def test_frames_to_look_back_at_are_sorted():
    assert parse_steps_back("10,1") == (1, 10)


def test_films_are_painted_in_one_pass_unless_something_else_is_asked_for():
    assert FilmSettings().method == "feedforward"
    assert FilmSettings.checked({"preset": "standard"}).method == "iterative"
    assert FilmSettings.checked({"preset": "draft"}).iterations == 32
    assert FilmSettings.checked({"method": "iterative"}).method == "iterative"
    assert StylizeSettings().method == "iterative"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"depth": 16}, "depth: films have 8 bits"),
        ({"seconds": 3}, "seconds: a film that depends on the clock"),
        ({"mask": "auto"}, "mask: what is found in each frame anew would flicker"),
        ({"protect": "faces"}, "protect: what is found in each frame anew would flicker"),
        ({"start": "1:70"}, "start: write seconds"),
        ({"start": "1e300"}, "start: write seconds"),
        ({"end": "soon"}, "end: write seconds"),
        ({"style_at": "wave.jpg"}, "style-at: write a time and a style"),
        ({"steps_back": "0"}, "steps-back: write numbers of frames"),
        ({"steps_back": "2,2"}, "steps-back: write numbers of frames"),
        ({"crf": 64}, "crf: should be less"),
        ({"codec": "mpeg2"}, "codec: should be 'h264'"),
        ({"steadiness": 1}, "steadiness: should be less"),
        ({"fps": 0}, "fps: should be greater"),
    ],
)
def test_what_films_cannot_have_is_refused_in_a_line(settings, words):
    with pytest.raises(SettingsError, match=words) as caught:
        FilmSettings.checked(settings)
    assert "\n" not in str(caught.value)


def test_settings_go_to_json_and_back():
    settings = FilmSettings.checked({"style_at": ["5=a.jpg"], "start": 2, "steps_back": [1, 5], "preset": "draft"})
    assert FilmSettings.model_validate_json(settings.model_dump_json()) == settings
