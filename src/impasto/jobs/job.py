"""A request as data: it goes to JSON and back without loss, and never loads torch."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from impasto.settings import StylizeSettings
from impasto.settings.base import Settings


class Job(Settings):
    """One picture to make: what from, where to, and how."""

    content: Path
    """The picture whose things are kept."""

    styles: Annotated[tuple[Path, ...], Field(min_length=1)]
    """The pictures whose look is taken."""

    output: Path
    """The file to write; its ending names the format."""

    settings: StylizeSettings = StylizeSettings()
    """How."""
