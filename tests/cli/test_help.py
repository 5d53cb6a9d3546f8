import os
import subprocess
import sys

import pytest

from impasto import __version__
from impasto.settings import FilmSettings, StylizeSettings

from .conftest import Impasto

COMMANDS = ("stylize", "sweep", "compare", "styles", "style", "distill", "train", "export", "live", "networks", "info")
REST = ("Networks", "Solver", "Files", "Compute", "Any")


def test_help_names_every_command(impasto: Impasto) -> None:
    ended = impasto("--help")
    assert ended.code == 0
    assert ended.err == ""
    assert all(command in ended.out for command in COMMANDS)


def test_no_words_are_a_call_for_help(impasto: Impasto) -> None:
    assert impasto() == impasto("--help")


@pytest.mark.parametrize("name", StylizeSettings.model_fields)
def test_help_names_every_setting_with_its_default(
    name: str, impasto: Impasto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    help_text = impasto("stylize", "--help").out
    (line,) = [line for line in help_text.splitlines() if f"--{name.replace('_', '-')} " in line]
    field = StylizeSettings.model_fields[name]
    assert field.description is not None
    assert " ".join(field.description.split()) in line
    if field.default not in ("", None, ()):
        assert f"[default: {field.default}]" in line


def test_help_of_films_tells_what_their_preset_begins_with(impasto: Impasto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    (line,) = [line for line in impasto("video", "--help").out.splitlines() if "--strength " in line]
    assert f"[default: {FilmSettings().strength}]" in line
    assert FilmSettings().strength != StylizeSettings().strength


def test_help_is_grouped_by_the_file_that_a_setting_is_written_in(impasto: Impasto) -> None:
    titles = [line.split()[1] for line in impasto("stylize", "--help").out.splitlines() if line.startswith("╭─")]
    assert titles == ["Arguments", "Output", "Preset", "Method", "Look", "Size", "Regions", *REST]


def test_help_tells_the_range_of_a_number(impasto: Impasto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    lines = impasto("stylize", "--help").out.splitlines()

    def of(flag: str) -> str:
        return next(line for line in lines if f"{flag} " in line)

    assert "[range: 0 to 1]" in of("--strength")
    assert "[range: 16 to 65,536]" in of("--size")
    assert "[range: 0 to below 1]" in of("--tolerance")
    assert "[range: above 0]" in of("--seconds")
    assert "[range" not in of("--color")


def test_help_tells_the_choices_where_a_flag_takes_several(impasto: Impasto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    lines = impasto("sweep", "--help").out.splitlines()
    (line,) = [line for line in lines if "--content-loss " in line]
    assert "[choices: features, self-similarity] [default: features]" in line
    (line,) = [line for line in lines if line.startswith("│ --strength ")]
    assert "[choices" not in line


@pytest.mark.parametrize("words", [["compare"], ["style", "save"], ["style", "learn"]])
def test_help_tells_no_default_that_is_empty(words: list[str], impasto: Impasto) -> None:
    assert '[default: ""]' not in " ".join(impasto(*words, "--help").out.replace("│", "").split())


def test_version(impasto: Impasto) -> None:
    assert impasto("--version").out == f"{__version__}\n"


@pytest.mark.parametrize("words", [["--help"], ["stylize", "--help"], ["networks", "--help"], ["--version"]])
def test_help_loads_nothing_that_takes_long(words: list[str]) -> None:
    script = f"""
import sys
from impasto.cli import main
main({words!r})
heavy = {{"torch", "numpy", "pyvips", "PIL", "h5py", "matplotlib"}} & set(sys.modules)
sys.exit(f"loaded: {{heavy}}" if heavy else 0)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr


def test_python_dash_m_is_the_command() -> None:
    words = [sys.executable, "-m", "impasto", "stylise"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith('impasto: Unknown command "stylise". Did you mean "stylize"?')


@pytest.mark.parametrize(("policy", "spins"), [(None, "1000"), ("active", None)])
@pytest.mark.parametrize("begin", ["import impasto", "from impasto.cli import main; main(['--version'])"])
def test_threads_wait_asleep_unless_it_is_said_how_they_should(begin: str, policy: str | None, spins: str) -> None:
    own = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    words = [sys.executable, "-c", f"{begin}; import os; print(os.environ.get('GOMP_SPINCOUNT'))"]
    given = own | ({"OMP_WAIT_POLICY": policy} if policy else {})
    ended = subprocess.run(words, env=given, capture_output=True, text=True, timeout=60)
    assert ended.stdout.splitlines()[-1] == str(spins), ended.stderr
