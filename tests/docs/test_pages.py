"""What the pages show works: links lead somewhere, commands parse, Python runs."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import impasto
import impasto.jobs.run
from impasto.cli import app

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not leads_somewhere(page, link)]


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether the file of a link is there, and the heading that its anchor names."""
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> list[str]:
    """What its headings are called in links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


@every_page
def test_commands_parse(page: Path) -> None:
    for line in blocks(page, "sh"):
        for command in re.findall(r"^impasto (.*)$", line, re.MULTILINE):
            app.parse_args(shlex.split(command), exit_on_error=False, print_error=False)


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "quickstart.md"], ids=lambda page: page.name)
def test_python_runs(
    page: Path, tmp_path: Path, photo: Image.Image, styles: dict[str, Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, image in {"photo": photo, "other": photo, "wave": styles["mosaic"], "starry": styles["woodcut"]}.items():
        image.resize((40, 32)).save(tmp_path / f"{name}.jpg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(impasto.jobs.run, "stylize", in_small(impasto.jobs.run.stylize))
    monkeypatch.setattr(Image.Image, "show", lambda image: None)
    names: dict[str, Any] = {}
    for block in blocks(page, "python"):
        exec(block, names)
    assert Image.open(tmp_path / "out.png").size == (64, 51)


def in_small(stylize: Any) -> Any:
    """`stylize`, with the settings of the example checked and then made small."""

    def quick(*pictures: Any, **settings: Any) -> Any:
        return stylize(*pictures, **settings | {"size": 64, "iterations": 3})

    return quick


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
