from itertools import count

import pytest

from impasto.engine import stopping
from impasto.engine.stopping import Clock, settled


def test_settled_when_the_window_brought_too_little():
    falling = [100.0, 90.0, 81.0, 80.5, 80.2]
    assert not settled(falling[:3], tolerance=0.05, window=2)  # 100 -> 81: a fall of 19 %
    assert not settled(falling[:4], tolerance=0.05, window=2)  # 90 -> 80.5: more than 10 %
    assert settled(falling, tolerance=0.05, window=2)  # 81 -> 80.2: 1 %


def test_not_settled_before_the_window_is_full():
    assert not settled([1.0, 1.0], tolerance=0.5, window=2)


def test_no_tolerance_never_settles():
    assert not settled([1.0] * 100, tolerance=0, window=2)


def test_a_rising_loss_has_settled():
    assert settled([1.0, 1.1, 1.2], tolerance=0.01, window=2)


@pytest.fixture
def ticking(monkeypatch):
    """A clock that moves by one second each time it is read."""
    seconds = count()
    monkeypatch.setattr(stopping.time, "monotonic", lambda: next(seconds))


def test_without_a_limit_a_share_never_ends(ticking):
    assert Clock(None).share(1, 2) == float("inf")


def test_time_is_shared_by_cost(ticking):
    clock = Clock(101)  # read once, at 0
    # read at 1: 100 s are left, a quarter of them is 25, counted from the reading at 2
    assert clock.share(cost=1, still_to_pay=4) == 2 + 25


def test_no_time_left_ends_at_once(ticking):
    assert Clock(1).share(1, 1) == 2  # the second reading is already past the end
