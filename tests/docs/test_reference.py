from collections.abc import Iterator
from pathlib import Path
from runpy import run_path

from cyclopts import App

from impasto.cli import app
from impasto.settings import StylizeSettings

DOCS = Path(__file__).parents[2] / "docs"
GENERATOR = run_path(str(DOCS / "generate_reference.py"))


def test_the_committed_page_is_what_the_settings_say() -> None:
    page = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert page == GENERATOR["reference"](), "run: python docs/generate_reference.py"


def test_every_setting_has_its_row() -> None:
    rows = [line for line in GENERATOR["reference"]().splitlines() if line.startswith("| `--")]
    for name, field in StylizeSettings.model_fields.items():
        row = next(row for row in rows if row.startswith(f"| `--{name.replace('_', '-')}` "))
        assert field.description is not None
        assert " ".join(field.description.split()) in row


def test_every_command_has_its_part() -> None:
    def commands(app: App, before: str = "") -> Iterator[str]:
        for name in app:
            if not name.startswith("-"):
                below = [*commands(app[name], f"{before}{name} ")]
                yield from below or [before + name]

    titles = [line.removeprefix("## ") for line in GENERATOR["reference"]().splitlines() if line.startswith("## ")]
    assert sorted(titles) == sorted(commands(app))
