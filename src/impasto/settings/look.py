"""How the result looks: what the losses pull at, and what happens to color."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from impasto.settings.base import Name, Settings, comma_list, readable


def parse_weights(text: str) -> tuple[float, ...]:
    """The numbers of `"2,1"`; empty for an empty text.

    Raises `ValueError` for anything but finite numbers that are zero or more, not all of them zero.
    """
    try:
        weights = tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError:
        raise ValueError("write numbers with commas between them, such as 2,1") from None
    if any(not 0 <= weight < float("inf") for weight in weights) or (weights and not any(weights)):
        raise ValueError("the weights must be finite, none below zero, and not all zero")
    return weights


STARTS = ("content", "blank", "noise")
"""What a search can start from without a file."""

ColorMode = Literal["style", "content", "match", "histogram", "transport", "gray"]
ContentLoss = Literal["features", "self-similarity"]
StyleLoss = Literal["gram", "wasserstein", "sliced-wasserstein", "nearest-neighbor", "relaxed-emd"]


class LookSettings(Settings):
    """How the result looks."""

    strength: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How much of the style: 0 leaves the photo as it is, 1 only a trace of it (one pass: more). The one dial that
    finds the balance; the preset fast begins at 0.8."""

    content_weight: Annotated[float, Field(ge=0, le=1e6)] = 1.0
    """Multiplies the content loss, on top of the strength."""

    style_weight: Annotated[float, Field(ge=0, le=1e6)] = 1.0
    """Multiplies the style loss, on top of the strength."""

    content_loss: ContentLoss = "features"
    """What content is compared by: the features themselves, or which parts are alike (self-similarity)."""

    style_loss: StyleLoss = "wasserstein"
    """What style is compared by: Gram matrices, Gaussians (wasserstein), whole distributions of features
    (sliced-wasserstein), the patches most alike (nearest-neighbor), or the least work that moves all patches onto the
    style's (relaxed-emd)."""

    tv_weight: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    """Multiplies the total variation: smooths noise, and fine strokes with it."""

    chroma_weight: Annotated[float, Field(ge=0, le=1e6)] = 60.0
    """Multiplies the total variation of color alone, which keeps colored dots out of flat areas."""

    style_weights: Annotated[str, BeforeValidator(comma_list), readable(parse_weights)] = ""
    """Shares of several styles, such as 2,1; equal by default."""

    color: ColorMode = "style"
    """Whose colors: the style's; the photo's, taken pixel by pixel (content), given to the style before (match), or
    given to the picture after, axis by axis (histogram) or as a whole (transport); or none (gray)."""

    init: Name = "content"
    """Start from the photo (content), a uniform picture (blank), noise, or a picture FILE."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Seed of a start from noise. Nothing else is left to chance: on a CPU, with as many threads, the picture is the
    same."""
