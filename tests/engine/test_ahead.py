"""Work that runs ahead."""

import threading
import time
from contextlib import closing

import pytest

from impasto.engine.ahead import ahead


def test_items_come_in_order_and_no_more_than_asked_for_are_made_before():
    made = []

    def items():
        for number in range(20):
            made.append(number)
            yield number

    with closing(ahead(items(), 2)) as waiting:
        assert next(waiting) == 0
        time.sleep(0.3)
        assert len(made) <= 4, "one given out, two that wait, one in the hand"
        assert [*waiting] == list(range(1, 20))


def test_an_error_is_raised_in_its_turn():
    def items():
        yield 1
        raise ValueError("no more")

    waiting = ahead(items(), 5)
    assert next(waiting) == 1
    with pytest.raises(ValueError, match="no more"):
        next(waiting)


def test_who_stops_early_ends_the_thread_and_what_it_holds():
    ended = threading.Event()

    def items():
        try:
            while True:
                yield 0
        finally:
            ended.set()

    before = threading.active_count()
    waiting = ahead(items(), 2)
    next(waiting)
    waiting.close()
    assert ended.is_set()
    assert threading.active_count() == before
