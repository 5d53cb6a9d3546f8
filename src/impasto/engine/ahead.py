"""Work that runs ahead of whoever wants it."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_PATIENCE = 0.1
"""Seconds after which a thread that waits looks whether it is still wanted."""


def ahead(items: Iterator[T], most: int) -> Generator[T]:
    """The items, made in a thread of their own, `most` of them before they are asked for.

    An error in there is raised here, in its turn. Whoever stops early closes it: the thread is then at an end.
    """
    made: Queue[tuple[bool, T | BaseException | None]] = Queue(most)
    unwanted, ended = Event(), Event()

    def hand_over(goes_on: bool, item: T | BaseException | None) -> None:
        while not unwanted.is_set():
            with suppress(Full):
                made.put((goes_on, item), timeout=_PATIENCE)
                return

    def make() -> None:
        try:
            for item in items:
                hand_over(True, item)
                if unwanted.is_set():
                    break
            hand_over(False, None)
        except BaseException as error:
            hand_over(False, error)
        finally:
            try:
                if isinstance(items, Generator):
                    items.close()
            finally:
                ended.set()

    thread = Thread(target=make, daemon=True)
    thread.start()
    try:
        while True:
            try:
                goes_on, item = made.get(timeout=_PATIENCE)
            except Empty:  # so that Ctrl-C is heard
                continue
            if isinstance(item, BaseException):
                raise item
            if not goes_on:
                return
            yield item  # type: ignore[misc]
    finally:
        unwanted.set()
        _wait(ended)


def _wait(ended: Event) -> None:
    """Waits in spite of Ctrl-C, which is raised afterwards: what is at work must not be left behind."""
    pressed: KeyboardInterrupt | None = None
    while not ended.is_set():
        try:
            ended.wait(_PATIENCE)
        except KeyboardInterrupt as error:
            pressed = error
    if pressed:
        raise pressed
