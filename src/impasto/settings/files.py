"""How the result is written."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from impasto.settings.base import Settings


def _as_number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


class FileSettings(Settings):
    """How the result is written."""

    depth: Annotated[Literal[8, 16], BeforeValidator(_as_number)] = 8
    """Bits per channel of the result: 16 for PNG and TIFF."""

    quality: Annotated[int, Field(ge=1, le=100)] = 95
    """Quality of JPEG, WebP and AVIF."""
