"""What to say of settings and styles once a picture is made: those that did nothing, or too much."""

from collections.abc import Iterator, Mapping

from torch import Tensor

from impasto.images.packing import unpacked
from impasto.settings import StylizeSettings

_OTHER = {"feedforward": "a search (--preset standard)", "iterative": "one pass (--preset fast)"}
"""What settings belong to that are idle in a method."""
_PLAIN = 0.02
"""Standard deviation of the pixels of a picture that is all but one color."""
_APART = 4
"""Pixels between those that are looked at."""


def notes_on(settings: StylizeSettings, protected: bool = True) -> Iterator[str]:
    """A line for each thing to know; `protected` says whether there was anything to protect."""
    if words := ", ".join(f"--{name.replace('_', '-')}" for name in settings.idle):
        yield f"{words}: of no effect, as they belong to {_OTHER[settings.method]}"
    if "protect" in settings.model_fields_set and settings.protect and not protected:
        yield "no face was found to protect. Paint one white in a mask: --protect FILE"


def notes_on_plain(styles: Mapping[int, Tensor]) -> Iterator[str]:
    """A line for each style, by its number, that is a plain area (1, 3, h, w), packed or not: a search flattens all."""
    for number, style in styles.items():
        if float(unpacked(style[:, :, ::_APART, ::_APART]).std((2, 3)).amax()) < _PLAIN:
            yield f"style {number + 1} is all but one color, and so will be the picture: a --strength of 0.1 keeps more"
