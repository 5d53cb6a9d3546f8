"""The worked examples of CONTRIBUTING.md, carried out on a copy of the sources just as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"In `([\w./]+)`:\n\n```(diff|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXAMPLES = {"a knob": "--fall", "a loss": "channels"}
"""Each worked example, and the word that it adds to the help."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_example(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    section = TEXT.partition(f"## Worked example: {name}\n")[2].partition("\n## ")[0]
    changes = BLOCK.findall(section)
    for path, kind, body in changes:
        (change if kind == "diff" else create)(tmp_path / path, body)

    run(tmp_path, "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "tests")
    run(tmp_path, "ruff", "check", *{path for path, _, _ in changes})
    run(tmp_path, "ruff", "format", "--check", *{path for path, _, _ in changes})
    assert EXAMPLES[name] in run(tmp_path, "impasto", "stylize", "--help")


def create(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body, encoding="utf-8")


def change(path: Path, diff: str) -> None:
    """Carries out a diff without line numbers: its lines with ` ` or `-` in front become those with ` ` or `+`."""
    lines = diff.splitlines(keepends=True)
    before, after = ("".join(line[1:] or line for line in lines if line[0] in kept) for kept in ("\n -", "\n +"))
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{path.name} has no single place for\n{before}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def run(folder: Path, *words: str) -> str:
    """What `python -m WORDS` prints in `folder`, with the copy of impasto that lies there."""
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
