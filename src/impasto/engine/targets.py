"""What the picture is pulled towards: the content and the styles, as an objective at each size of the pyramid."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from impasto.engine.balance import balance
from impasto.engine.objective import LayerTerm, Objective, Term, View, layer_terms
from impasto.engine.pyramid import Level
from impasto.engine.roles import Role, Roles
from impasto.images.resize import resize, scaled
from impasto.losses import CONTENT_LOSSES, STYLE_LOSSES, total_variation
from impasto.settings import LookSettings

_REFERENCE = 512 * 512
"""Pixels of the picture for which the total variation weighs just what the setting says."""


@dataclass(frozen=True)
class Targets:
    """Content and styles at full size, on the device, with all that says how much each of them pulls."""

    content: Tensor
    """(1, 3, H, W) in [0, 1]."""
    styles: Sequence[Tensor]
    """Each (1, 3, h, w) in [0, 1], at the size that makes its brush as large as wanted."""
    shares: Sequence[float]
    """The weight of each style; together 1."""
    settings: LookSettings

    def objective_at(self, level: Level, roles: Roles) -> Objective:
        """The weighted losses of a picture of the level's size, as the networks of `roles` see them."""
        # A dict, so that there is one entry, and one pass, where both roles have the same network.
        terms: dict[int, list[LayerTerm]] = {id(roles.content.network): [], id(roles.style.network): []}
        terms[id(roles.content.network)] += self._content_terms(roles.content, level)
        terms[id(roles.style.network)] += self._style_terms(roles.style, level)
        seen = {id(role.network): role.network for role in (roles.content, roles.style)}
        return Objective([View(seen[key], kept) for key, kept in terms.items()], self._pixel_terms(level))

    def _content_terms(self, role: Role, level: Level) -> list[LayerTerm]:
        features = role.features(resize(self.content, level.size))
        weight = balance(self.settings).content
        return layer_terms("content", CONTENT_LOSSES[self.settings.content_loss], features, role.layers, weight)

    def _style_terms(self, role: Role, level: Level) -> list[LayerTerm]:
        terms = []
        for number, (style, share) in enumerate(zip(self.styles, self.shares, strict=True), 1):
            name = "style" if len(self.styles) == 1 else f"style {number}"
            features = role.features(resize(style, scaled(style.shape[2:], level.scale)))
            weight = balance(self.settings).style * share
            terms += layer_terms(name, STYLE_LOSSES[self.settings.style_loss], features, role.layers, weight)
        return terms

    def _pixel_terms(self, level: Level) -> list[Term]:
        # Neighbors in an enlarged picture differ less, squared by as much as it has more pixels.
        weight = self.settings.tv_weight * level.size[0] * level.size[1] / _REFERENCE
        return [Term("tv", weight, total_variation)] if weight else []
