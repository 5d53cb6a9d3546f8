"""How steady finished films are, beside the film that they were made of."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from impasto.errors import ImageError, MissingExtraError
from impasto.evaluation import Steadiness, steadiness
from impasto.images import read
from impasto.images.formats import FORMATS
from impasto.images.picture import quantize
from impasto.motion import Frame
from impasto.settings import SizeSettings


def compare_films(results: Sequence[Path], content: Path) -> dict[str, Steadiness]:
    """The steadiness of each of `results` by its path, then that of `content`: see `evaluation.steadiness`.

    Raises `ImpastoError` for what is no film, for films of different lengths, and where a package is not installed.
    """
    return steadiness(frames_of(content), {str(path): frames_of(path) for path in results})


def frames_of(path: Path) -> Iterator[Frame]:
    """The frames of a film, one after the other: of a folder, its pictures in the order of their names.

    Raises `ImageError` for what is neither, `MissingExtraError` where PyAV is not installed.
    """
    return _pictures(path) if path.is_dir() else _decoded(path)


def _pictures(folder: Path) -> Iterator[Frame]:
    suffixes = {suffix for format in FORMATS for suffix in format.suffixes}
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)
    if not paths:
        raise ImageError(f"{str(folder)!r}: there is no picture in this folder. Name one with the frames of a film.")
    for path in paths:
        yield quantize(read(path, SizeSettings()).pixels, 8).astype(np.uint8, copy=False)


def _decoded(path: Path) -> Iterator[Frame]:
    if not path.is_file():
        raise ImageError(f"{str(path)!r}: there is no such file. Check the path.")
    if find_spec("av") is None:
        raise MissingExtraError("reading films", "video")
    import av

    try:
        with av.open(str(path)) as film:
            if not film.streams.video:
                raise ImageError(f"{str(path)!r}: there is no picture in this film. Give another one.")
            for frame in film.decode(video=0):
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except av.FFmpegError as error:
        raise ImageError(f"{str(path)!r}: this is no film, or it is damaged ({error.strerror}).") from error
