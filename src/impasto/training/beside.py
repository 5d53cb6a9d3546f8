"""What lies beside the weights while they are trained. Known without loading torch."""

from pathlib import Path

_SHEET = ".sheet.png"


def checkpoint_of(output: Path) -> Path:
    """From where a run goes on that was broken off; a finished one has none."""
    return output.with_suffix(".checkpoint")


def sheet_of(output: Path) -> Path:
    """How the network paints pictures that it has never learned from."""
    return output.with_suffix(_SHEET)


def is_sheet(path: Path) -> bool:
    """Whether it is named as such a sheet: where the output lies among the pictures, nothing is to be learned of it."""
    return path.name.endswith(_SHEET)


def losses_of(output: Path) -> Path:
    """The folder of losses for TensorBoard."""
    return output.with_suffix(".tensorboard")
