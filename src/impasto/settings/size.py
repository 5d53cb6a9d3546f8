"""How large the result is, and how large the brush."""

from typing import Annotated, Literal

from pydantic import Field

from impasto.settings.base import Settings


class SizeSettings(Settings):
    """How large the result is, and how large the brush."""

    size: Annotated[int, Field(ge=16, le=65536)] | Literal["original"] = 512
    """Longer side of the result in pixels, or original for the photo's own size. The shape is always the photo's."""

    style_scale: Annotated[float, Field(ge=0.05, le=20)] = 1.0
    """Size of the brush: the style picture is scaled by this against the result, so 0.5 paints with finer strokes."""

    max_megapixels: Annotated[float, Field(gt=0, le=10_000)] = 200.0
    """Refuse input pictures with more million pixels than this."""
