"""How steady finished films are, beside the film that they were made of."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from impasto.evaluation import Steadiness, steadiness
from impasto.motion import Frame
from impasto.settings.film import FilmFileSettings
from impasto.video.reading import Film


def compare_films(results: Sequence[Path], content: Path, start: str = "", end: str = "") -> dict[str, Steadiness]:
    """The steadiness of each of `results` by its path, then that of `content`: see `evaluation.steadiness`.

    Where the results were made of a part of `content` alone, `start` and `end` are its times, such as `"1:30"`. Raises
    `ImpastoError` for what is no film, for films of different lengths, and where a package is not installed.
    """
    part = FilmFileSettings.checked({"start": start, "end": end}).part
    return steadiness(frames_of(content, *part), {str(path): frames_of(path) for path in results})


def frames_of(path: Path, start: float = 0, end: float | None = None) -> Iterator[Frame]:
    """The frames of a film, as `Film` reads it, one after the other."""
    with Film(path, start=start, end=end) as film:
        yield from (frame.pixels for frame in film.frames())
