"""The exact versions are versions that the ranges allow, and every dependency has one."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from impasto.networks import keras_file

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINES = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
PINS = {canonicalize_name(name): version for name, version in (line.split("==") for line in LINES)}
REQUIREMENTS = [
    requirement
    for text in PROJECT["dependencies"]
    + [each for extra in PROJECT["optional-dependencies"].values() for each in extra]
    if (requirement := Requirement(text)).name != PROJECT["name"]
]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_pin_is_in_range(requirement: Requirement) -> None:
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_no_keras_is_asked_for_that_runs_code_in_files() -> None:
    asked = [str(requirement.specifier) for requirement in REQUIREMENTS if requirement.name == "keras"]
    assert asked == [f">={'.'.join(map(str, keras_file._SAFE))}"]


def test_pins_are_plain_and_sorted() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line) for line in LINES)
    assert sorted(PINS) == list(PINS)
