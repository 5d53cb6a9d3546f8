"""An exception -> one line on stderr, and an exit code."""

import os
import re
import sys
from typing import Any, Literal, get_args, get_origin

from cyclopts import CoercionError, CycloptsError, MissingArgumentError, UnusedCliTokensError

from impasto.cli.interrupts import INTERRUPTED, TERMINATED, Terminated
from impasto.cli.words import say
from impasto.errors import NO_ROOM, ImpastoError

FAULT, MISTAKE, BROKEN_PIPE = 1, 2, 141
"""Exit codes: a fault of impasto, what the user can put right, and a reader of stdout who left."""

_ADVICE = re.compile("Did you mean|Choose from|Available commands")
"""Cyclopts has already said what to do."""

_NO_MEMORY = (
    "can't allocate memory",
    "could not create a primitive",  # the code of a convolution, which is written when it is first needed
    "failed to map segment from shared object",  # of torch, the largest library: others that lie there were read before
)
"""What torch and the system say where memory does not do."""


def report(error: BaseException) -> int:
    """Says what happened, in exactly one line on stderr (none for a closed pipe), and returns the exit code."""
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more as it ends
        return BROKEN_PIPE
    text, code = _told(error)
    say(f"impasto: {text}")
    return code


def _told(error: BaseException) -> tuple[str, int]:
    match error:
        case ImpastoError():
            return str(error), MISTAKE
        case CycloptsError():
            return _misread(error), MISTAKE
        case OSError(errno=number) if number in NO_ROOM:
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
    said = _plainly(error) or str(error)
    command = " ".join(("impasto", *(error.command_chain or ())))
    return said if _ADVICE.search(said) else f"{said} See {command} --help."


def _plainly(error: CycloptsError) -> str | None:
    """The commonest mistakes in words for people, not for programmers; None for all others."""
    match error:
        case MissingArgumentError(argument=argument) if argument and not argument.tokens:
            return f"{argument.name} is missing. {argument.parameter.help or ''}"
        case UnusedCliTokensError(unused_tokens=[word, *_]):
            return f"{word!r} is one word too many; names with spaces need quotes."
        case CoercionError(token=token, target_type=kind, msg=None) if token and _in_words(kind):
            return f"{token.keyword or token.value} should be {_in_words(kind)} (got {token.value!r})."
    return None


def _in_words(kind: Any) -> str:
    """`a number`, `a whole number, or original`; empty for what is not a number, of which Cyclopts speaks well."""
    parts = get_args(kind) or (kind,)
    numbers = [words for part, words in ((int, "a whole number"), (float, "a number, such as 0.5")) if part in parts]
    names = [str(name) for part in parts if get_origin(part) is Literal for name in get_args(part)]
    return ", or ".join(numbers + names) if numbers else ""


def _is_out_of_memory(error: BaseException) -> bool:
    """Python's own, CUDA's, and torch's on the CPU, known by its words: torch is not loaded here."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    said = str(error)
    # What goes on after these words is another error, such as one of a kind of convolution that is not there.
    return isinstance(error, RuntimeError | ImportError) and (_NO_MEMORY[0] in said or said.endswith(_NO_MEMORY[1:]))
