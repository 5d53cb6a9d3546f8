"""How steady finished films are, beside the film that they were made of."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from impasto.errors import ImageError
from impasto.evaluation import Steadiness, steadiness
from impasto.evaluation.steadiness import TrueFlow
from impasto.images.names import natural
from impasto.motion import Frame, read_flow
from impasto.settings.film import FilmFileSettings
from impasto.video.reading import Film

_PAIR = re.compile(r"(\d+)[-_]?to[-_]?(\d+)$")


def compare_films(
    results: Sequence[Path],
    content: Path,
    start: str = "",
    end: str = "",
    fps: float | None = None,
    beside: Mapping[str, Path] = {},
    flows: Path | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> dict[str, Steadiness]:
    """The steadiness of each of `results` by its path, then that of films `beside` them, by name, and of `content`.

    See `evaluation.steadiness`. Where the results were made of a part of `content` alone, `start` and `end` are its
    times, such as `"1:30"`; where they were made at another rate, `fps` is that. `flows` is a folder of true flows:
    see `flows_of`. `tell` takes what the user should know of how each film was read, a line each: damage, say. Raises
    `ImpastoError` for what is no film or flow, for films of different lengths, and where a package is not installed.
    """
    part = FilmFileSettings.checked({"start": start, "end": end}).part
    named = {**{str(path): path for path in results}, **beside}
    films = {name: frames_of(path, tell=tell) for name, path in named.items()}
    return steadiness(frames_of(content, *part, fps, tell), films, flows_of(flows) if flows else None)


def flows_of(folder: Path) -> TrueFlow:
    """The flows that the Middlebury files (`.flo`) in a folder hold, for any size of frames.

    `A-to-B.flo` leads from frame number A to number B, whatever comes before in the name; 0 is the first frame. Where
    no name is like that, the first file in the order of names leads from the first frame to the next, and so on.
    Raises `ImageError` for a folder without such files, and later for one that cannot be read.
    """
    files = sorted(folder.glob("*.flo"), key=natural)
    if not files:
        raise ImageError(f"{str(folder)!r}: there is no .flo file in it. Name the folder of the true flows.")
    named = [(_PAIR.search(path.stem), path) for path in files]
    pairs = {(int(name[1]), int(name[2])): path for name, path in named if name}
    known = pairs or {(number, number + 1): path for number, path in enumerate(files)}
    return lambda start, end: read_flow(known[start, end]) if (start, end) in known else None


def frames_of(
    path: Path,
    start: float = 0,
    end: float | None = None,
    fps: float | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> Iterator[Frame]:
    """The frames of a film, as `Film` reads it, one after the other; then its notes are told."""
    with Film(path, start=start, end=end, fps=fps) as film:
        yield from (frame.pixels for frame in film.frames())
        for note in film.notes:
            tell(f"{path}: {note}")
