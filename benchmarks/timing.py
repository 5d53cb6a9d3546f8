"""Seconds of something done again and again."""

import time
from collections.abc import Callable
from statistics import median


def medians(repeats: int, *works: Callable[[], object]) -> list[float]:
    """Seconds of each of `works`: done once before any is timed, then in turns, so that all see the machine alike."""
    for work in works:
        work()
    taken = [[_timed(work) for work in works] for _ in range(repeats)]
    return [median(each) for each in zip(*taken, strict=True)]


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
