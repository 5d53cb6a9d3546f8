"""Files <-> pixels."""

from impasto.images.atomic import check_replaceable, replace_file
from impasto.images.packing import unpacked
from impasto.images.picture import Picture, PictureLike, to_pil
from impasto.images.reading import is_stretched, pictures_in, read, shape_of
from impasto.images.record import read_record
from impasto.images.writing import check_writable, write

__all__ = [
    "Picture",
    "PictureLike",
    "check_replaceable",
    "check_writable",
    "is_stretched",
    "pictures_in",
    "read",
    "read_record",
    "replace_file",
    "shape_of",
    "to_pil",
    "unpacked",
    "write",
]
