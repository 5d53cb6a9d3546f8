"""Write a film: frames, with the sound and the subtitles of the film that they were painted from."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Protocol, Self

from impasto.errors import OutputError
from impasto.images.atomic import check_replaceable, refusal, replacing_path
from impasto.motion import Frame
from impasto.video.encoding import EncodedFile, shape_in
from impasto.video.ffmpeg import av, reason
from impasto.video.formats import film_format
from impasto.video.frames import FilmFrame
from impasto.video.gif import GifFile
from impasto.video.reading import Film
from impasto.video.stills import Stills, replacing_folder
from impasto.video.webp_file import WebpFile


class FilmFile(Protocol):
    """A film that is being written."""

    notes: list[str]

    @property
    def left_out(self) -> int:
        """How many frames have found no place in it."""
        ...

    def add(self, frame: FilmFrame) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


class FilmWriter:
    """A film that is being written beside its place, and takes it when the `with` block ends well.

    The same frames make the same file in every run. An old file stays whole until then, and after an error.
    """

    def __init__(
        self,
        path: str | Path,
        shape: tuple[int, int],
        film: Film,
        codec: str | None = None,
        crf: int | None = None,
        record: str = "",
    ) -> None:
        """A film of frames of `shape` (H, W) in the format that the ending of `path` and `codec` stand for.

        From `film` come the clock, the sound, the subtitles and the title. `crf` is the quality, 0 the best.
        `record` is kept in the film, where `record_of` finds it; GIF and WebP keep none.

        Raises `SettingsError` for an ending, a codec or a crf that does not fit.
        """
        self.path = Path(path)
        self._shape, self._film, self._record = shape, film, record
        self._format = film_format(self.path, codec, crf)
        self.count = 0
        """How many frames were added."""
        self._ends = Fraction(0)

    def __enter__(self) -> Self:
        """Begins the file, so that whatever does not fit into it is known before the first frame is painted.

        Raises `OutputError` where it cannot be written.
        """
        if self._format:
            check_replaceable(self.path)
        replace = replacing_path if self._format else replacing_folder
        self._place = replace(self.path, f".{self.path.name}.unfinished")
        fresh = self._place.__enter__()
        try:
            with _explained(self.path):
                self._file = self._begun(fresh)
        except BaseException:
            self._leave()
            raise
        return self

    def _begun(self, fresh: Path) -> FilmFile:
        if self._format is None:
            return Stills(fresh, self._film, self._record)
        if self._format.codec.encoder == "gif":
            return GifFile(fresh, self._format, self._shape, self._film)
        if self._format.container.muxer == "webp":
            return WebpFile(fresh, self._format, self._shape, self._film)
        return EncodedFile(fresh, self._format, self._shape, self._film, self._record)

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the film that is written."""
        return shape_in(self._format, self._shape) if self._format else self._shape

    @property
    def notes(self) -> list[str]:
        """What the user should know of the film that is written: sound that was left out, say."""
        if not self._format or not self._file.left_out:
            return self._file.notes
        some = f"{self._file.left_out} of {self.count} frames were left out"
        return [*self._file.notes, f"{some}: the clock of {self._format.container.name} is too coarse for so many."]

    @property
    def written(self) -> int:
        """How many frames the film has."""
        return self.count - self._file.left_out

    def add(self, pixels: Frame, time: Fraction, duration: Fraction) -> None:
        """Puts a frame (H, W, 3) behind the others: `time` seconds after the film began, for `duration` seconds.

        Raises `OutputError` where the disk cannot hold it.
        """
        with _explained(self.path):
            self._file.add(FilmFrame(pixels, time, duration))
        self.count, self._ends = self.count + 1, time + duration

    def cut_short(self) -> None:
        """Lets the film end with the last frame that was added, and its sound and subtitles with it."""
        self._film.end = self._film.offset + self._ends

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self.count:
            try:
                with _explained(self.path):
                    self._file.finish()
            except BaseException:
                self._abandon()
                raise
            self._place.__exit__(None, None, None)
            return
        self._abandon()
        if kind is None:
            raise OutputError(f"{str(self.path)!r}: a film needs a frame. Nothing was written.")

    def _abandon(self) -> None:
        self._file.abandon()
        self._leave()

    def _leave(self) -> None:
        """Leaves the place as it was."""
        unfinished = _UnfinishedError()
        self._place.__exit__(_UnfinishedError, unfinished, None)


class _UnfinishedError(Exception):
    """Says that there is no file to put into the place."""


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns the errors of ffmpeg and of the system into an `OutputError`."""
    try:
        yield
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise refusal(path, error) from error
        raise OutputError(f"{str(path)!r} cannot be written ({reason(error)}). Choose another ending.") from error
    except OSError as error:
        raise refusal(path, error) from error
