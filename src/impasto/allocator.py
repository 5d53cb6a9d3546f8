"""What becomes of memory that was freed: what glibc, where there is one, keeps of it, and what it hands back."""

import ctypes
from contextlib import suppress

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -2, -3, -4  # of malloc.h


def keep_freed_memory() -> None:
    """Asks the C library to keep what is freed for the next step, for the whole process: for programs, not libraries.

    Each step takes and frees the same large blocks. By default glibc hands them back and gets them anew from the
    system, page by page, which costs a seventh of the step. Does nothing where there is no glibc.
    """
    _tell_malloc((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 2**26))


def hand_back_large_memory() -> None:
    """Takes that back for large blocks: of a very large picture, those left between others would add up."""
    _tell_malloc((_MMAP_MAX, 2**16), (_MMAP_THRESHOLD, 2**22), (_TRIM_THRESHOLD, 2**26))


def hand_back_freed_memory() -> None:
    """Gives the system what was freed and lies between what is in use: for when work of another size begins."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _tell_malloc(*options: tuple[int, int]) -> None:
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    for option, value in options:
        mallopt(option, value)
