"""Whatever words are typed: help, or one line."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from impasto.cli import main
from impasto.settings import StylizeSettings

FLAGS = [f"--{name.replace('_', '-')}" for name in StylizeSettings.model_fields]
KNOWN = st.sampled_from(
    [*FLAGS, "stylize", "-o", "--output", "--like", "--preview", "--trace", "--json", "--", "-", "="]
)
VALUES = st.sampled_from(
    ["0", "-1", "1e9", "nan", "inf", "", "vgg19", "relu4_1:", "a.png", "cuda:", "{}", '{"a": 1}', "[]"]
)
TYPED = st.text(st.characters(exclude_characters="\0"), max_size=12)
WORDS = st.lists(KNOWN | VALUES | TYPED | st.builds("{}={}".format, KNOWN, VALUES | TYPED), max_size=8)


@pytest.fixture(scope="module")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS)
@example(words=["--strength.a=1"])
@example(words=["--settings", "1"])
@example(words=["--style-weights", "-1,2"])
@example(words=["\n", "\x1b[31m", "-o", "a.png"])
def test_any_words_end_in_help_or_one_line(
    words: list[str], empty_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(empty_folder)
    code = main(["stylize", *words])
    out, err = capfd.readouterr()
    assert code in (0, 2)
    assert (out == "") == (code == 2)
    assert err.count("\n") == (1 if code == 2 else 0)
    assert os.listdir(empty_folder) == []


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(TYPED | KNOWN | st.sampled_from(["--debug=x", "--no-debug", "networks", "info"]), max_size=3))
def test_any_command_ends_in_help_or_one_line(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    code = main(words)
    err = capfd.readouterr().err
    assert code in (0, 2)
    assert err.count("\n") == (1 if code == 2 else 0)
