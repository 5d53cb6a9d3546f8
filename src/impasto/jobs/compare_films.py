"""How steady finished films are, beside the film that they were made of."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from impasto.evaluation import Steadiness, steadiness
from impasto.motion import Frame
from impasto.video.reading import Film


def compare_films(results: Sequence[Path], content: Path) -> dict[str, Steadiness]:
    """The steadiness of each of `results` by its path, then that of `content`: see `evaluation.steadiness`.

    Raises `ImpastoError` for what is no film, for films of different lengths, and where a package is not installed.
    """
    return steadiness(frames_of(content), {str(path): frames_of(path) for path in results})


def frames_of(path: Path) -> Iterator[Frame]:
    """The frames of a film, as `Film` reads it, one after the other."""
    with Film(path) as film:
        yield from (frame.pixels for frame in film.frames())
