"""The one dial: how much the two losses weigh for a strength between 0 and 1."""

from dataclasses import dataclass

from impasto.settings import LookSettings

_BALANCED = 0.29
"""Content weight at strength 0.5, against a style weight of 1: found by eye on paintings, prints and drawings..."""
_TRACE = 0.06
"""...plus this, which is what it is at strength 1. Without any content the search loses its way: it ends with more of
both losses."""
_STEEPNESS = 1.5
"""How fast the weights change along the dial: but for the trace, at strength 0.75 the content
weighs 3^-1.5 of what it does at 0.5."""


@dataclass(frozen=True)
class Balance:
    """Weights of the two losses, each loss measured against its own target (1 is as far off as a black picture)."""

    content: float
    style: float


def balance(settings: LookSettings) -> Balance:
    """The weights for the settings' strength, times their own `content_weight` and `style_weight`.

    Their ratio is `_BALANCED * ((1 - strength) / strength) ** _STEEPNESS + _TRACE`: at 0 no style, at 1 a trace of
    content, and every step of the dial a step in ratio, so that both losses change one way from end to end.
    """
    style = settings.strength**_STEEPNESS
    content = _BALANCED * (1 - settings.strength) ** _STEEPNESS + _TRACE * style
    total = style + content
    return Balance(settings.content_weight * content / total, settings.style_weight * style / total)
