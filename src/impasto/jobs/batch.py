"""All pictures of a folder in the look of the same styles."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from impasto.jobs.job import Job
from impasto.settings import StylizeSettings
from impasto.settings.base import Settings


class Batch(Settings):
    """Pictures to make of those in a folder. Like a `Job`, it goes to JSON and never loads torch."""

    folder: Path
    """The folder whose pictures are painted."""

    styles: Annotated[tuple[Path, ...], Field(min_length=1)]
    """The pictures whose look is taken, or styles that are known by name or lie in a file."""

    output: Path
    """The folder to write to; a picture keeps its name."""

    ending: str = ""
    """What the names of the files end in; empty for what each of them ended in."""

    settings: StylizeSettings = StylizeSettings()
    """How."""

    def job(self, content: Path, ending: str) -> Job:
        """One of the pictures; `ending` is that of a format that can hold it."""
        own = content.suffix.lower() == ending
        # Two pictures whose names differ only in their endings are two pictures still.
        name = content.name if own else f"{content.stem if self.ending else content.name}{ending}"
        return Job(content=content, styles=self.styles, output=self.output / name, settings=self.settings)
