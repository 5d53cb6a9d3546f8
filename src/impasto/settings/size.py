"""How large the result is, and how large the brush."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from impasto.settings.base import Settings, comma_list, readable

_SMALLEST, _LARGEST = 0.05, 20.0


def parse_scales(text: str) -> tuple[float, ...]:
    """The numbers of `"1,0.5"`. Raises `ValueError` for anything but numbers between 0.05 and 20."""
    try:
        scales = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("write a number, or one for each style, such as 1,0.5") from None
    if any(not _SMALLEST <= scale <= _LARGEST for scale in scales):
        raise ValueError(f"should be between {_SMALLEST:g} and {_LARGEST:g}")
    return scales


class SizeSettings(Settings):
    """How large the result is, and how large the brush."""

    size: Annotated[int, Field(ge=16, le=65536)] | Literal["original"] = 512
    """Longer side of the result in pixels, or original for the photo's own size. The shape is always the photo's."""

    style_scale: Annotated[str, BeforeValidator(comma_list), readable(parse_scales)] = "1"
    """Size of the brush: the style picture is scaled by this against the result, so 0.5 paints with finer strokes. One
    for all styles, or one for each with commas between them. [range: 0.05 to 20]"""

    max_megapixels: Annotated[float, Field(gt=0, le=10_000)] = 200.0
    """Refuse input pictures with more million pixels than this."""
