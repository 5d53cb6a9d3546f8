"""What to say of settings once a picture is made: those that did nothing, and why."""

from collections.abc import Iterator

from impasto.settings import StylizeSettings

_OTHER = {"feedforward": "a search (--preset standard)", "iterative": "one pass (--preset fast)"}
"""What settings belong to that are idle in a method."""


def notes_on(settings: StylizeSettings, protected: bool = True) -> Iterator[str]:
    """A line for each thing to know; `protected` says whether there was anything to protect."""
    if words := ", ".join(f"--{name.replace('_', '-')}" for name in settings.idle):
        yield f"{words}: of no effect, as they belong to {_OTHER[settings.method]}"
    if "protect" in settings.model_fields_set and settings.protect and not protected:
        yield "no face was found to protect. Paint one white in a mask: --protect FILE"
