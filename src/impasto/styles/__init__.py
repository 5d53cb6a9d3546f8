"""Styles that are numbers in a file, not pictures: those that come with impasto, by name, lie in this folder."""

from pathlib import Path

SUFFIX = ".style"


def shipped() -> dict[str, Path]:
    """The styles that come with impasto: their files by name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob(f"*{SUFFIX}"))}


def found(word: object) -> Path | None:
    """The file that `word` means: one of its own that ends so, or the one of a name where no file is called that.

    None where `word` is neither: it means a picture then.
    """
    if not isinstance(word, str | Path):
        return None
    path = Path(word)
    if path.suffix.lower() == SUFFIX:
        return path
    return None if path.exists() else shipped().get(str(word))
