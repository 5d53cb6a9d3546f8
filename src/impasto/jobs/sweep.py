"""The same pictures under several settings, on one sheet."""

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from itertools import product
from math import prod
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from impasto.digests import file_digest
from impasto.errors import SettingsError
from impasto.jobs.job import Job
from impasto.settings import StylizeSettings
from impasto.settings.base import Settings

_MOST = 400
"""Pictures of one sheet."""


class Sweep(Settings):
    """Pictures to make under all combinations of some settings. Like a `Job`, it goes to JSON and never loads torch."""

    content: Path
    """The picture whose things are kept."""

    styles: Annotated[tuple[Path, ...], Field(min_length=1)]
    """The pictures whose look is taken."""

    output: Path
    """The sheet to write; the pictures on it go into a folder beside it, of the same name without the ending."""

    fixed: Mapping[str, Any] = {}
    """Settings that all have in common."""

    varied: Mapping[str, tuple[Any, ...]] = {}
    """Settings with the values that they take in turn; those of the last one stand side by side."""

    @cached_property
    def cases(self) -> list[tuple[str, Job]]:
        """Each combination as a job, with its caption, row by row. The inputs are read once, to tell them apart.

        Raises `SettingsError` for impossible ones, or too many.
        """
        if not self.varied:
            StylizeSettings.checked(self.fixed)  # a value that is none is the better reason, such as 0.3-0.7
            raise SettingsError("sweep: nothing varies. Give a setting several values, such as --strength 0.3,0.5,0.7.")
        if (count := prod(map(len, self.varied.values()))) > _MOST:
            raise SettingsError(f"sweep: {count} pictures are more than {_MOST}. Give fewer values.")
        chosen = [dict(zip(self.varied, values, strict=True)) for values in product(*self.varied.values())]
        of = cache(file_digest)
        return [(_caption(each), self._job(each, of)) for each in chosen]

    def _job(self, chosen: Mapping[str, Any], of: Callable[[Path], bytes]) -> Job:
        settings = StylizeSettings.checked({**self.fixed, **chosen})
        words = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in _caption(chosen))
        job = Job(content=self.content, styles=self.styles, output=self.output, settings=settings)
        # A file of that name is that picture: made with just these settings, of just these inputs.
        name = f"{words.replace('--', '-')[:80]}-{job.digest(of)[:8]}.png"
        return job.model_copy(update={"output": self.folder / name})

    @property
    def across(self) -> int:
        """How many pictures stand side by side."""
        return len(list(self.varied.values())[-1])

    @property
    def folder(self) -> Path:
        """Where the pictures themselves go."""
        return self.output.with_suffix("")


def _caption(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', '-')} {value}" for name, value in values.items())
