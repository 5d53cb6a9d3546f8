"""The architecture, held by tests: what may import what."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "impasto").rglob("*.py"))


def test_each_row_imports_only_the_rows_above_it(capsys: pytest.CaptureFixture[str]) -> None:
    failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert not failed, capsys.readouterr().out


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_needs_the_packages_that_break_beside_a_cpu_torch(path: Path) -> None:
    assert not {"torchvision", "torchaudio", "torchcodec"} & set(imported(path))


def test_optional_packages_are_imported_in_one_file_each() -> None:
    homes = {path: set(imported(path)) for path in SOURCES}
    for package in ("keras", "matplotlib"):
        assert len([path for path, found in homes.items() if package in found]) <= 1, package


def imported(path: Path) -> Iterator[str]:
    """Top-level names of all packages that a file imports, at its top or inside its functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
