from inspect import signature
from typing import Any

import pytest
from cyclopts import App, CycloptsError

from impasto.cli.flags import takes
from impasto.errors import SettingsError
from impasto.settings import StylizeSettings

SHOWN: dict[str, Any] = {
    "strength": 0.25,
    "size": "original",
    "seed": 2**63 - 1,
    "depth": 16,
    "seconds": 1.5,
    "learning_rate": None,
    "style_weights": "2,1",
    "style_mask": ("a.png", "b.png"),
    "content_layers": "relu3_1:2",
    "color": "gray",
    "device": "cuda:1",
}


@pytest.fixture
def parsed() -> App:
    """A command that gives back the settings that were written."""
    app = App(exit_on_error=False, print_error=False, result_action="return_value")

    @app.default
    @takes(StylizeSettings)
    def command(**settings: Any) -> Any:
        return settings

    return app


def words(values: dict[str, Any]) -> list[str]:
    several = {name: value if isinstance(value, tuple) else (value,) for name, value in values.items()}
    return [
        f"--{name.replace('_', '-')}={value}" for name, each in several.items() for value in each if value is not None
    ]


def test_every_setting_is_a_flag() -> None:
    @takes(StylizeSettings)
    def command(**settings: Any) -> int:
        return 0

    assert list(signature(command).parameters) == list(StylizeSettings.model_fields)


def test_only_what_is_written_is_given(parsed: App) -> None:
    assert parsed([]) == {}
    assert parsed(["--strength", "0.5"]) == {"strength": 0.5}  # also where it is the default


def test_every_value_survives_the_way_through_words(parsed: App) -> None:
    settings = StylizeSettings.checked(SHOWN)
    assert StylizeSettings.checked(parsed(words(SHOWN))) == settings
    assert StylizeSettings.checked(parsed(words(StylizeSettings().model_dump()))) == StylizeSettings()


@pytest.mark.parametrize("word", ["--strength=x", "--size=12.5", "--depth=12", "--color=blue", "--seed=1e3"])
def test_words_of_another_type(word: str, parsed: App) -> None:
    with pytest.raises(CycloptsError, match=word.split("=")[0]):
        parsed([word])


@pytest.mark.parametrize("word", ["--strength=2", "--size=12", "--seed=-1", "--tolerance=1", "--seconds=inf"])
def test_impossible_values_are_the_models_to_find(word: str, parsed: App) -> None:
    with pytest.raises(SettingsError, match=word[2:].split("=")[0]):
        StylizeSettings.checked(parsed([word]))
