"""Every error that impasto raises on purpose, and the words they share.

    ImpastoError
    ├── SettingsError       an option has an impossible value, or names a layer or a network that is not there
    ├── ImageError          a picture that cannot be read or used
    ├── FilmError           a film that cannot be read or used
    ├── OutputError         a result that cannot be written
    ├── WeightsError        weights that are missing, damaged or of the wrong shape
    ├── CheckpointError     a file to go on from that is damaged, or belongs to another run
    ├── DeviceError         a device that is not there, or has not enough memory
    └── MissingExtraError   an optional package that is not installed

Each message is one line: what is wrong, then what to do.
"""

import errno
import os
import shlex
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where a disk is full, or a quota used up."""


class ImpastoError(Exception):
    """What the user can put right. The command line prints it as one line and exits with code 2."""


class SettingsError(ImpastoError):
    """An option has an impossible value, or names a layer or a network that is not there."""


class ImageError(ImpastoError):
    """A picture that cannot be read or used."""


class FilmError(ImpastoError):
    """A film that cannot be read or used."""


class OutputError(ImpastoError):
    """A result that cannot be written."""


class WeightsError(ImpastoError):
    """Weights that are missing, damaged or of the wrong shape."""


class CheckpointError(ImpastoError):
    """A file to go on from that is damaged, or belongs to another run."""


class DeviceError(ImpastoError):
    """A device that is not there, or has not enough memory."""


class MissingExtraError(ImpastoError):
    """An optional package that is not installed."""

    def __init__(self, purpose: str, extra: str) -> None:
        from subprocess import list2cmdline  # takes time, and is rarely needed

        join = list2cmdline if os.name == "nt" else shlex.join
        command = join([sys.executable, "-m", "pip", "install", *_packages(extra)])
        super().__init__(f"{purpose} needs an optional package: {command}")
        self._given = purpose, extra

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """What pickle makes it of: an error that could not be read again would break a pool of processes."""
        return type(self), self._given


def kind_of(error: ImpastoError) -> str:
    """The name of the error above that it is: others, which say more precisely what is wrong, are made of these."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == __name__)


def _packages(extra: str) -> list[str]:
    """What the extra asks for, by its own name: whatever pip finds under ours need not be this impasto."""
    from importlib.metadata import PackageNotFoundError, requires  # takes time, and is rarely needed

    try:
        wanted = [line.partition(";") for line in requires("impasto") or ()]
    except PackageNotFoundError:
        wanted = []
    packages = [name.strip() for name, _, marker in wanted if f"extra == '{extra}'" in marker.replace('"', "'")]
    return packages or [f".[{extra}]"]  # run from its own folder, without being installed


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """`" Did you mean 'relu4_1'?"`, or `" Known: a, b, c."` where nothing is near: the end of an error's line."""
    known = list(choices)
    near = [name for name in known if word and name.startswith(word)] or get_close_matches(word, known, n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."
