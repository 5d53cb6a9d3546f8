"""Ctrl-C and SIGTERM: both end a run early, and the picture reached so far is kept."""

import signal
from threading import Event
from types import FrameType, TracebackType
from typing import Self

INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM
"""Exit codes, as shells count them: 130 and 143."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, for those who only know Ctrl-C."""


class Interrupts:
    """Inside this context SIGTERM raises what Ctrl-C raises. `exit_code` is that of the last of them to come.

    What a run raises because it was told to stop leaves the context as `Terminated` where it was SIGTERM.
    """

    exit_code = INTERRUPTED

    def __enter__(self) -> Self:
        self._outside = signal.signal(signal.SIGTERM, self._terminate)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        signal.signal(signal.SIGTERM, self._outside)
        if kind is KeyboardInterrupt and self.exit_code == TERMINATED:
            raise Terminated from error

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self.exit_code = TERMINATED
        raise Terminated


class PatientInterrupts(Interrupts):
    """Inside this context the first Ctrl-C, or SIGTERM, sets `stop` and nothing else; the next one raises."""

    def __init__(self) -> None:
        self.stop = Event()

    def __enter__(self) -> Self:
        self._keys = signal.signal(signal.SIGINT, self._interrupt)
        return super().__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        signal.signal(signal.SIGINT, self._keys)
        super().__exit__(kind, error, _)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.exit_code = INTERRUPTED
        if self.stop.is_set():
            raise KeyboardInterrupt
        self.stop.set()

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self.exit_code = TERMINATED
        if self.stop.is_set():
            raise Terminated
        self.stop.set()
