import math
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.errors import ImpastoError, SettingsError
from impasto.jobs.job import Job
from impasto.settings import PRESETS, FilmSettings, StylizeSettings
from impasto.settings.look import parse_weights
from impasto.settings.networks import parse_layers


def test_layers_with_and_without_weights():
    assert parse_layers("relu1_1:4, relu4_1") == {"relu1_1": 4.0, "relu4_1": 1.0}
    assert parse_layers("") == {}


@pytest.mark.parametrize("text", ["a,a", "a:x", "a:0", "a:-1", "a:nan", "a:inf", "a:1e308", ":2", "a\udcff"])
def test_bad_layers_are_refused(text):
    with pytest.raises(SettingsError, match=r"^style-layers: write names"):
        StylizeSettings.checked({"style_layers": text})


def test_weights_of_styles():
    assert parse_weights("2,1.5") == (2.0, 1.5)
    assert parse_weights("") == ()


@pytest.mark.parametrize("text", ["2,,1", "a", "-1,2", "0,0", "nan", "inf,1"])
def test_bad_weights_are_refused(text):
    with pytest.raises(SettingsError, match=r"^style-weights: "):
        StylizeSettings.checked({"style_weights": text})


def test_python_values_mean_what_the_flags_mean():
    plain = StylizeSettings.checked(
        {"style_weights": [2, 1.5], "style_layers": {"relu1_1": 4}, "content_layers": ["a", "b"]}
    )
    assert (plain.style_weights, plain.style_layers, plain.content_layers) == ("2,1.5", "relu1_1:4", "a,b")


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"strengh": 1}, "there is no setting 'strengh'. Did you mean 'strength'?"),
        ({"strength": 3}, "strength: should be less than or equal to 1 (got 3)"),
        (
            {"color": "red"},
            "color: should be 'style', 'content', 'match', 'histogram', 'transport' or 'gray' (got 'red')",
        ),
        ({"device": "gpu"}, "device: write auto, cpu, cuda, cuda:N, mps or xpu (got 'gpu')"),
        ({"device": "cuda:x"}, "device: write auto, cpu, cuda, cuda:N, mps or xpu (got 'cuda:x')"),
    ],
)
def test_a_mistake_is_told_in_one_line(values, line):
    with pytest.raises(SettingsError) as caught:
        StylizeSettings.checked(values)
    assert str(caught.value) == line


@given(
    st.dictionaries(
        st.sampled_from(sorted(StylizeSettings.model_fields)),
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.floats(), max_size=3)),
    )
)
def test_anything_gives_settings_or_one_line(values):
    try:
        settings = StylizeSettings.checked(values)
    except ImpastoError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 (either outcome is right)
    else:
        assert StylizeSettings.model_validate_json(settings.model_dump_json()) == settings
        assert 0 <= settings.strength <= 1
        assert math.isfinite(settings.content_weight)


@pytest.mark.parametrize("device", ["cuda:00", "cuda:٣", "cuda:1000", "xpu:", "cpu:0"])
def test_what_is_no_name_of_a_device_is_refused(device):
    with pytest.raises(SettingsError, match=r"^device: write auto"):
        StylizeSettings.checked({"device": device})


def test_every_knob_has_a_help_text():
    assert [name for name, field in StylizeSettings.model_fields.items() if not field.description] == []


def test_settings_cannot_change_under_way():
    with pytest.raises(Exception, match="frozen"):
        StylizeSettings().strength = 1


def test_a_job_goes_to_json_and_back(tmp_path):
    job = Job(
        content=tmp_path / "photo.jpg",
        styles=(tmp_path / "wave.jpg", tmp_path / "starry.jpg"),
        output=tmp_path / "out.png",
        settings=StylizeSettings(strength=0.3, size="original", seconds=2.5, style_weights="2,1"),
    )
    assert Job.model_validate_json(job.model_dump_json()) == job


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_sets_what_is_not_set_by_hand(preset):
    chosen = StylizeSettings.checked({"preset": preset})
    for name, value in PRESETS[preset].items():
        assert getattr(chosen, name) == value
        own = StylizeSettings.model_fields[name].default
        assert getattr(StylizeSettings.checked({"preset": preset, name: own}), name) == own


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, "faces"),
        ({"protect": "none"}, ""),
        ({"preset": "fast"}, ""),
        ({"method": "feedforward"}, ""),
        ({"preset": "fast", "method": "iterative"}, "faces"),
        ({"preset": "fast", "protect": "faces"}, "faces"),
    ],
)
def test_faces_are_kept_by_a_search_unless_it_is_told_not_to(asked, kept):
    assert StylizeSettings.checked(asked).protect == kept
    assert FilmSettings.checked({"preset": "standard"}).protect == "", "what is found anew in each frame flickers"
    assert StylizeSettings.checked({"protect": kept}).drawn == []


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"init": "blank", "protect": "none", "sketch_network": "none", "content_network": "vgg16-torchvision"},
        {"init": "noise", "mask": "auto", "style_mask": ("red",), "style_network": "vgg19-torchvision"},
        {"preset": "fast"},
        {"preset": "draft"},
    ],
)
def test_no_word_is_a_file(words):
    assert StylizeSettings.checked(words).named == []


def test_a_preset_comes_back_from_its_record():
    chosen = StylizeSettings.checked({"preset": "draft", "iterations": 77})
    assert StylizeSettings.model_validate_json(chosen.model_dump_json()) == chosen


def test_the_standard_preset_is_the_defaults():
    assert StylizeSettings.checked({"preset": "standard"}) == StylizeSettings()


@pytest.mark.parametrize(("value", "kept"), [(0.5, "0.5"), ([1, 0.5], "1,0.5"), ("2", "2")])
def test_scales_are_numbers_with_commas(value, kept):
    assert StylizeSettings.checked({"style_scale": value}).style_scale == kept


@pytest.mark.parametrize("value", ["", "a", "0.01", "1,21", "1,,2", "nan"])
def test_impossible_scales_are_told(value):
    with pytest.raises(SettingsError, match="style-scale"):
        StylizeSettings.checked({"style_scale": value})


@pytest.mark.parametrize("field", ["mask", "protect", "init", "style_network", "painter"])
def test_a_name_that_is_no_text_is_told_before_a_result_is_to_keep_it(field):
    with pytest.raises(SettingsError, match="Rename the file"):
        StylizeSettings.checked({field: os.fsdecode(b"m\xff.png")})
