"""What lies beside the weights while they are trained. Known without loading torch."""

from pathlib import Path


def checkpoint_of(output: Path) -> Path:
    """From where a run goes on that was broken off; a finished one has none."""
    return output.with_suffix(".checkpoint")


def sheet_of(output: Path) -> Path:
    """How the network paints pictures that it has never learned from."""
    return output.with_suffix(".sheet.png")


def losses_of(output: Path) -> Path:
    """The folder of losses for TensorBoard."""
    return output.with_suffix(".tensorboard")
