"""When to stop: each rule a small object or function, asked after every step."""

import time
from collections.abc import Sequence


def settled(losses: Sequence[float], tolerance: float, window: int) -> bool:
    """Whether the loss fell by less than `tolerance`, relatively, over the last `window` steps of this size.

    Always false for a tolerance of 0. A loss that rose has settled too: it will not fall by waiting.
    """
    if tolerance == 0 or len(losses) <= window:
        return False
    return losses[-1] >= (1 - tolerance) * losses[-1 - window]


class Clock:
    """A number of seconds to spend on a whole run, shared out among sizes by what they cost."""

    def __init__(self, seconds: float | None) -> None:
        self._start = time.monotonic()
        self._seconds = seconds

    def go_on_from(self, elapsed: float) -> None:
        """Counts the seconds of a run that was broken off when so many had gone."""
        self._start = time.monotonic() - elapsed

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._start

    def share(self, cost: float, still_to_pay: float) -> float:
        """The `elapsed` at which a size must end that costs `cost` of all that is `still_to_pay`, itself counted in.

        So the time that is left always reaches the finest size, and the result is never just an enlargement.
        """
        if self._seconds is None:
            return float("inf")
        left = max(0.0, self._seconds - self.elapsed)
        return self.elapsed + left * cost / still_to_pay
