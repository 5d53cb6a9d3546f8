"""How much time to take: sets of settings under one name."""

from typing import Any, Literal

from pydantic import model_validator

from impasto.settings.base import Settings

Preset = Literal["fast", "draft", "standard", "best"]

PRESETS: dict[Preset, dict[str, Any]] = {
    "fast": {"method": "feedforward", "strength": 0.8},
    "draft": {"method": "iterative", "content_network": "student", "style_network": "student", "iterations": 32},
    "standard": {"method": "iterative"},
    "best": {"method": "iterative", "iterations": 300},
}
"""What each preset sets, where the user does not; `standard` is the defaults themselves."""
COVERED = {name for chosen in PRESETS.values() for name in chosen} - {"strength"}
"""Settings of the way to a picture, not of its looks, that some preset sets."""


class PresetSettings(Settings):
    """How much time to take."""

    preset: Preset = "standard"
    """How much time to take: fast (one pass, at strength 0.8), draft (32 steps, by a small network alone), standard
    (60 steps), or best (300). What is set by hand goes first."""

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, values: Any) -> Any:
        """The values over those of the preset that they name."""
        chosen = values.get("preset", cls.model_fields["preset"].default) if isinstance(values, dict) else None
        if chosen not in [*PRESETS]:
            return values
        filled = {**PRESETS[chosen], **values}
        # One pass looks for faces only where it is asked to: that would take longer than to paint.
        return {"protect": "", **filled} if filled["method"] == "feedforward" else filled
