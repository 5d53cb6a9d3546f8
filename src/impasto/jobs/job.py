"""A request as data: it goes to JSON and back without loss, and never loads torch."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import Field

from impasto.settings import StylizeSettings
from impasto.settings.base import Settings
from impasto.styles import file_of
from impasto.version import __version__


class Job(Settings):
    """One picture to make: what from, where to, and how."""

    content: Path
    """The picture whose things are kept."""

    styles: Annotated[tuple[Path, ...], Field(min_length=1)]
    """The pictures whose look is taken, or styles that are known by name or lie in a file."""

    output: Path
    """The file to write; its ending names the format."""

    settings: StylizeSettings = StylizeSettings()
    """How."""

    def digest(self, of: Callable[[Path], bytes]) -> str:
        """Of this version, the settings and all files that are read, `of` each of which it is made."""
        seen = sha256(f"{__version__} {self.settings.model_dump_json()}".encode())
        for path in self.inputs:
            seen.update(of(path))
        return seen.hexdigest()

    @property
    def inputs(self) -> list[Path]:
        """All files that are read: pictures, masks and weights."""
        styles = [file_of(style) or style for style in self.styles]
        return [self.content, *styles, *filter(Path.is_file, self.settings.named)]

    @property
    def kept(self) -> list[Path]:
        """The inputs that the output may not replace: a picture may be improved that the search only starts from."""
        from_the_photo = self.settings.model_copy(update={"init": "content"})
        return self.model_copy(update={"settings": from_the_photo}).inputs
