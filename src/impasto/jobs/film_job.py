"""A film to paint, as data: it goes to JSON and back without loss, and never loads torch."""

from glob import glob
from pathlib import Path
from typing import Annotated

from pydantic import Field

from impasto.errors import OutputError
from impasto.settings import FilmSettings
from impasto.settings.base import Settings
from impasto.settings.film import parse_style_at
from impasto.styles import file_of


class FilmJob(Settings):
    """One film to make: what from, where to, and how."""

    film: Path
    """The film whose things are kept: a file, a folder of frames, or a pattern of their names."""

    styles: Annotated[tuple[Path, ...], Field(min_length=1)]
    """The pictures whose look is taken, or styles that are known by name or lie in a file."""

    output: Path
    """The film to write; its ending names the format, and without one it is a folder of frames."""

    settings: FilmSettings = FilmSettings()
    """How."""

    @property
    def journal(self) -> Path:
        """Where the finished frames are kept until the film is whole: a folder beside it.

        Raises `OutputError` for an output without a name: nothing is beside it.
        """
        if self.output.name in ("", ".."):
            raise OutputError(
                f"{str(self.output)!r} has no name of its own. Add the name of a film, or of a new folder."
            )
        return self.output.with_name(f"{self.output.name}.frames")

    @property
    def inputs(self) -> list[Path]:
        """All files and folders that are read, the frames of a folder or a pattern and where they lie too."""
        if self.film.is_file():
            return [self.film, *self.looked_at]
        # A folder may have in its name what is a pattern elsewhere.
        named = [self.film] if self.film.is_dir() else [Path(file) for file in glob(str(self.film))]
        frames = [each for path in named for each in (path.iterdir() if path.is_dir() else (path, path.parent))]
        return [self.film, *dict.fromkeys(frames), *self.looked_at]

    @property
    def looked_at(self) -> list[Path]:
        """What is read beside the film: styles, masks, networks."""
        return [*self.looks, *(path for path in self.settings.named if path.exists())]

    @property
    def looks(self) -> list[Path]:
        """The files of all styles, those that come later too."""
        return [file_of(style) or style for style in self.styles_named]

    @property
    def styles_named(self) -> list[Path]:
        """All styles as they were given, those that come later too."""
        return [*self.styles, *(Path(parse_style_at(text)[1]) for text in self.settings.style_at)]
