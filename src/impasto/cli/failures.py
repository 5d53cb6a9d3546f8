"""An exception -> one line on stderr, and an exit code."""

import errno
import os
import re
import sys

from cyclopts import CycloptsError

from impasto.cli.interrupts import INTERRUPTED, TERMINATED, Terminated
from impasto.errors import ImpastoError

FAULT, MISTAKE, BROKEN_PIPE = 1, 2, 141
"""Exit codes: a fault of impasto, what the user can put right, and a reader of stdout who left."""

_ADVICE = re.compile("Did you mean|Choose from|Available commands")
"""Cyclopts has already said what to do."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def report(error: BaseException) -> int:
    """Says what happened, in exactly one line on stderr (none for a closed pipe), and returns the exit code."""
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more as it ends
        return BROKEN_PIPE
    text, code = _told(error)
    print(f"impasto: {''.join(map(_visible, text))}", file=sys.stderr)
    return code


def _told(error: BaseException) -> tuple[str, int]:
    match error:
        case ImpastoError():
            return str(error), MISTAKE
        case CycloptsError():
            return _misread(error), MISTAKE
        case OSError(errno=number) if number in _NO_ROOM:
            return "the disk is full, or a quota is used up. Make room, or write somewhere else.", MISTAKE
        case OSError(filename=str(name), strerror=str(reason)):
            return f"{name}: {reason[:1].lower()}{reason[1:]}. Check the path and its permissions.", MISTAKE
        case _ if _is_out_of_memory(error):
            return "there is not enough memory. Choose a smaller --size, or close other programs.", MISTAKE
        case Terminated():
            return "terminated before there was a picture to save.", TERMINATED
        case KeyboardInterrupt():
            return "interrupted before there was a picture to save.", INTERRUPTED
    first_line = (str(error).splitlines() or [""])[0]
    return f"a fault of impasto's own ({type(error).__name__}: {first_line}). Run again with --debug.", FAULT


def _misread(error: CycloptsError) -> str:
    """What is wrong with the words themselves."""
    said = str(error)
    command = " ".join(("impasto", *(error.command_chain or ())))
    return said if _ADVICE.search(said) else f"{said} See {command} --help."


def _is_out_of_memory(error: BaseException) -> bool:
    """Python's own, CUDA's, and torch's on the CPU, known by its words: torch is not loaded here."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))
    )


def _visible(character: str) -> str:
    """A line break in a file's name, for example, must not break the line."""
    return character if character.isprintable() else repr(character)[1:-1]
