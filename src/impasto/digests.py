"""What tells files and numbers from others, or from what they were before."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a request is told from others without torch, which takes time to load
    from torch import Tensor

FileState = tuple[str | int, ...]


def file_state(path: str | Path) -> FileState | None:
    """Where a file is and when it was last written, without reading it; None where there is none."""
    path = Path(path)
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return str(path.absolute()), found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def file_digest(path: Path) -> bytes:
    """Of the content of a file, or of the name of what is none, or cannot be read."""
    name = str(path).encode(errors="surrogateescape")
    try:
        return sha256(path.read_bytes() if path.is_file() else name).digest()  # a pipe would wait forever
    except OSError:
        return sha256(name).digest()


def numbers_digest(numbers: "Tensor") -> bytes:
    """Of numbers, among others of the same shape and type."""
    return sha256(numbers.detach().cpu().contiguous().numpy().tobytes()).digest()
