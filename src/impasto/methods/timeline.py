"""How much of each style there is at each time of a film."""

from collections.abc import Sequence
from itertools import pairwise

from impasto.errors import SettingsError
from impasto.methods.scene import shares_of
from impasto.settings.film import FilmSettings, parse_style_at


class Timeline:
    """Shares of styles over time: from those that the film begins with to each that is named for a time, in a line."""

    def __init__(self, settings: FilmSettings, given: int) -> None:
        """`given` styles are there from the start. Raises `SettingsError` for weights of another number, or times that
        come twice.
        """
        later = [parse_style_at(text) for text in settings.style_at]
        self.styles = [style for _, style in later]
        """Of which pictures the styles are that come later, in the order of the settings."""
        count = given + len(later)
        first = [*shares_of(settings.style_weights, given), *[0.0] * len(later)]
        named = [(time, [float(place == given + n) for place in range(count)]) for n, (time, _) in enumerate(later)]
        named.sort(key=lambda point: point[0])
        if any(here[0] == there[0] for here, there in pairwise(named)):
            raise SettingsError("style-at: two styles are named for one time. Give each a time of its own.")
        self._points: list[tuple[float, Sequence[float]]] = [(0.0, first), *named]

    def shares(self, time: float) -> list[float]:
        """The share of each style, those that come later after the others; together 1."""
        for (since, before), (until, after) in pairwise(self._points):
            if time < until:
                way = max(0.0, (time - since) / (until - since))
                return [(1 - way) * one + way * other for one, other in zip(before, after, strict=True)]
        return [*self._points[-1][1]]
