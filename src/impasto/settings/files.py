"""How the result is written."""

from typing import Annotated, Literal

from pydantic import Field

from impasto.settings.base import Settings


class FileSettings(Settings):
    """How the result is written."""

    depth: Literal[8, 16] = 8
    """Bits per channel of the result: 16 for PNG and TIFF."""

    quality: Annotated[int, Field(ge=1, le=100)] = 95
    """Quality of JPEG, WebP and AVIF."""
