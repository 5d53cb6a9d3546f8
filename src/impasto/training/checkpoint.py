"""What a training run needs to go on where it was broken off."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from impasto.errors import WeightsError
from impasto.images.atomic import replace_file


def save(path: Path, state: Mapping[str, Any]) -> None:
    """Writes the state whole or not at all. Raises `OutputError`."""
    content = io.BytesIO()
    torch.save(dict(state), content)
    replace_file(path, content.getvalue())


def read(path: Path) -> dict[str, Any]:
    """The state that `save` wrote. Nothing in the file is ever executed. Raises `WeightsError` where it is damaged."""
    try:
        state = dict(torch.load(path, weights_only=True))
    except Exception as error:  # damaged bytes can make a parser raise anything
        raise WeightsError(f"{path} cannot be read ({type(error).__name__}). Delete it to begin anew.") from error
    return state
