"""The settings of a run and its styles, kept in the film that it made.

A folder of PNG keeps them in every picture, as pictures do. Other films keep them in their comment, where players show
it; GIF and WebP have none.
"""

from contextlib import suppress
from pathlib import Path

from impasto.errors import ImageError
from impasto.images.formats import format_of_content
from impasto.images.record import read_record

COMMENT = "comment"
STYLES = "styles"
"""The name under which a record has the styles beside the settings, as they were given."""
_MARK = "impasto "


def comment(record: str) -> str:
    """What a film's comment says of how it was made."""
    return _MARK + record


def record_of(path: str | Path) -> str | None:
    """The record with which a film, a folder of PNG or a picture was written; None where it has none.

    Raises `ImpastoError`, one line, where the file cannot be read or the record is damaged.
    """
    path = Path(path)
    if path.is_dir():
        for picture in sorted(path.glob("*.png")):
            with suppress(ImageError):  # a film of pictures may do without some
                return read_record(picture)
        return None
    return _comment_of(path) if path.is_file() and not _is_picture(path) else read_record(path)


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return format_of_content(file.read(12)) is not None


def _comment_of(path: Path) -> str | None:
    # Not at the top: who has pictures alone need not have what reads films.
    from impasto.video.container import explained
    from impasto.video.ffmpeg import open_to_read

    with explained(path), open_to_read(path) as film:
        said = {name.lower(): text for name, text in film.metadata.items()}.get(COMMENT, "")
    return said.removeprefix(_MARK) if said.startswith(_MARK) else None
