"""What tells the files that settings name from what they were before."""

from hashlib import sha256
from pathlib import Path


def file_digest(path: Path) -> bytes:
    """Of the content of a file, or of the name of what is none."""
    return sha256(path.read_bytes() if path.is_file() else str(path).encode()).digest()
