"""How a student of VGG-19 is trained."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from impasto.settings.base import Settings, comma_list

_TEACHER = (64, 128, 256, 512, 512)
"""Channels of the blocks of VGG-19."""


def parse_widths(text: str) -> tuple[int, ...]:
    """The numbers of `"24,48,96,192,256"`. Raises `ValueError` for anything but five, from 3 to the teacher's own."""
    try:
        widths = tuple(int(part) for part in text.split(","))
    except ValueError:
        widths = ()
    if len(widths) != 5 or any(not 3 <= own <= most for own, most in zip(widths, _TEACHER, strict=True)):
        raise ValueError("write five whole numbers from 3 to at most 64,128,256,512,512, such as 24,48,96,192,256")
    return widths


def _checked_widths(text: str) -> str:
    return ",".join(map(str, parse_widths(text)))


class DistillSettings(Settings):
    """How a student of VGG-19 is trained."""

    widths: Annotated[str, BeforeValidator(comma_list), AfterValidator(_checked_widths)] = "24,48,96,192,256"
    """Channels of the five blocks of convolutions; VGG-19 itself has 64,128,256,512,512."""

    steps: Annotated[int, Field(ge=1, le=10_000_000)] = 1000
    """Steps of training, after the start by least squares."""

    batch: Annotated[int, Field(ge=1, le=1024)] = 8
    """Pieces of pictures in a step."""

    side: Annotated[int, Field(ge=64, le=1024)] = 176
    """Width and height of a piece in pixels."""

    rate: Annotated[float, Field(gt=0, le=1)] = 0.01
    """How far a step moves the weights at most, relative to their own size; it falls to zero at the end."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Seed of all chance."""
