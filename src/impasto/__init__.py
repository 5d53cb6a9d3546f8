"""impasto: keep what a picture shows, take on how another one looks.

    import impasto
    result = impasto.stylize("photo.jpg", "wave.jpg", size=768)
    result.save("out.png")

Names are loaded when they are first used, so that `import impasto` costs nothing.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from impasto.version import __version__

if TYPE_CHECKING:
    from impasto.jobs.film import FilmResult, stylize_film
    from impasto.jobs.job import Job
    from impasto.jobs.run import run, stylize
    from impasto.methods.result import Result
    from impasto.settings import FilmSettings, StylizeSettings

__all__ = [
    "FilmResult",
    "FilmSettings",
    "Job",
    "Result",
    "StylizeSettings",
    "__version__",
    "run",
    "stylize",
    "stylize_film",
]

_HOMES = {
    "FilmResult": "impasto.jobs.film",
    "FilmSettings": "impasto.settings",
    "Job": "impasto.jobs.job",
    "Result": "impasto.methods.result",
    "StylizeSettings": "impasto.settings",
    "run": "impasto.jobs.run",
    "stylize": "impasto.jobs.run",
    "stylize_film": "impasto.jobs.film",
}
_PARTS = (
    "errors",
    "settings",
    "styles",
    "devices",
    "images",
    "networks",
    "losses",
    "motion",
    "engine",
    "evaluation",
    "methods",
    "training",
    "video",
    "jobs",
)


# Threads of OpenMP wait for each other awake, for up to a millisecond: where another program wants the processor, too,
# a run takes up to ten times as long as if they fell asleep sooner. They are told so before torch is loaded.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def __dir__() -> list[str]:
    return [*__all__, *_PARTS]


if not TYPE_CHECKING:  # or anything at all would be taken for a name of this module

    def __getattr__(name: str) -> Any:
        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        if name in _PARTS:
            return import_module(f"impasto.{name}")
        raise AttributeError(f"module 'impasto' has no attribute {name!r}")
