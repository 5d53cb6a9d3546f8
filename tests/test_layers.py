"""The architecture, held by tests: what may import what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import impasto

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "impasto").rglob("*.py"))


def test_each_row_imports_only_the_rows_above_it() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_needs_the_packages_that_break_beside_a_cpu_torch(path: Path) -> None:
    assert not {"torchvision", "torchaudio", "torchcodec"} & set(imported(path))


def test_optional_packages_are_imported_in_one_file_each() -> None:
    homes = {path: set(imported(path)) for path in SOURCES}
    for package in ("keras", "matplotlib", "accelerate", "av"):
        assert len([path for path, found in homes.items() if package in found]) <= 1, package


def imported(path: Path) -> Iterator[str]:
    """Top-level names of all packages that a file imports, at its top or inside its functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_all_names_are_there_without_the_extras() -> None:
    """`from impasto import *`, and what `help` and a shell's completion ask for."""
    words = (
        "import sys; sys.modules.update(dict.fromkeys(('av', 'cv2'))); from impasto import *; import impasto;"
        "assert {'stylize', 'stylize_film', 'FilmResult', 'losses'} <= {*dir(impasto)}; print(stylize_film.__name__)"
    )
    assert subprocess.run([sys.executable, "-c", words], capture_output=True, text=True).stdout == "stylize_film\n"


def test_all_folders_but_the_command_are_there_by_name() -> None:
    """`import impasto; impasto.motion`: whoever knows one of them expects the others."""
    folders = {path.parent.name for path in (ROOT / "src" / "impasto").glob("*/__init__.py")} - {"cli"}
    assert folders <= {*dir(impasto)}
    assert {getattr(impasto, name).__name__ for name in folders} == {f"impasto.{name}" for name in folders}
