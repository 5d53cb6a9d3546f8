"""What a finished film would be if each frame had been painted by itself: with what it says of how it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from impasto.errors import ImageError, SettingsError
from impasto.jobs.film import OnFilmProgress
from impasto.jobs.film_job import FilmJob
from impasto.jobs.paint_film import paint_film
from impasto.settings import FilmSettings
from impasto.settings.film import FilmFileSettings
from impasto.styles import file_of
from impasto.video.folder import is_pattern
from impasto.video.reading import Film
from impasto.video.record import STYLES, record_of

_BY_ITSELF: Mapping[str, Any] = {"steadiness": 0, "paint_every": 1}


@dataclass(frozen=True)
class Kept:
    """What a film keeps of how it was painted."""

    result: Path
    styles: tuple[Path, ...]
    settings: FilmSettings

    def job(self, film: Path, output: Path) -> FilmJob:
        """What paints another film so."""
        return FilmJob(film=film, styles=self.styles, output=output, settings=self.settings)


def kept_by(results: Sequence[Path], start: str = "", end: str = "", fps: float | None = None) -> Kept:
    """What the first of `results` that keeps it says of how it was painted.

    `start` and `end` are the times of the film between which the results were painted, `fps` the rate, or none: they
    are kept, too. Raises `SettingsError` where none keeps it, where a style is gone, and for times or a rate that are
    others.
    """
    kept = next(filter(None, map(_kept, results)), None)
    if kept is None:
        raise SettingsError(
            "frame-by-frame: no RESULT keeps how it was painted. Name one that this impasto made first, as MP4, "
            "QuickTime, Matroska, WebM or a folder of PNG."
        )
    part = kept.settings
    if (start or end) and FilmFileSettings.checked({"start": start, "end": end}).part != part.part:
        raise SettingsError(
            f"start, end: {str(kept.result)!r} was painted from {part.start or 'the beginning'} to "
            f"{part.end or 'the end'} of the film, and --frame-by-frame does so, too. Give these times, or none."
        )
    if fps is not None and fps != part.fps:
        rate = f"{part.fps:g} frames a second" if part.fps else "the rate of the film"
        raise SettingsError(
            f"fps: {str(kept.result)!r} was painted at {rate}, and --frame-by-frame does so, too. Leave it out."
        )
    return kept


def paint_frame_by_frame(
    kept: Kept, results: Sequence[Path], content: Path, output: Path, on_progress: OnFilmProgress
) -> None:
    """Paints each frame of `content` by itself, as a film says that it was painted, into a new folder of PNG.

    Raises `ImpastoError`, and does so before anything is painted where `results` could not be compared with it;
    `KeyboardInterrupt` where that came.
    """
    settings = kept.settings
    start, end = settings.part
    wanted = _count(Film(content, start=start, end=end, fps=settings.fps))
    for result in results:
        if (count := _count(Film(result))) != wanted:
            raise ImageError(
                f"{str(result)!r} has {count} frames, and {str(content)!r}, as {str(kept.result)!r} was painted of it, "
                f"{wanted}. Compare films that were made of the same frames."
            )
    if paint_film(kept.job(content, output), on_progress).stopped == "interrupted":
        raise KeyboardInterrupt


def _count(film: Film) -> int:
    with film:
        return sum(1 for _ in film.moments())


def _kept(result: Path) -> Kept | None:
    try:
        told = from_json((None if _names_several(result) else record_of(result)) or "")
    except ValueError:  # none, or other words than ours
        return None
    styles = told.get(STYLES) if isinstance(told, dict) else None
    if not isinstance(styles, list) or not styles or not all(isinstance(style, str) for style in styles):
        return None
    known = {name: value for name, value in told.items() if name in FilmSettings.model_fields}
    try:
        kept = Kept(result, tuple(map(Path, styles)), FilmSettings.checked({**known, **_BY_ITSELF}))
    except SettingsError as error:
        raise SettingsError(f"{error} It is kept in {str(result)!r}.") from error
    if gone := [style for style in kept.job(result, result).styles_named if not _is_there(style)]:
        raise SettingsError(
            f"the style {str(gone[0])!r}, with which {str(result)!r} was painted, is not there any more. Put it back, "
            "or run this in the folder from which that was painted."
        )
    return kept


def _names_several(path: Path) -> bool:
    return not path.exists() and is_pattern(path)


def _is_there(style: Path) -> bool:
    try:
        return (file_of(style) or style).exists()
    except SettingsError:  # it is no name of a style either
        return False
