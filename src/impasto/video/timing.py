"""Moments of a film: how long they last, which of them count, and at another rate."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import ceil

from impasto.video.frames import Moment

_LARGEST = 1001
"""By which the rates of films are divided at most, as those of NTSC are."""
_LONG = Fraction(1, 10)
"""Seconds that are left of a picture, at the start or the end of a part, that are more than the rest of a frame: of a
slide, or a screen that stands still."""


def plain(rate: Fraction) -> Fraction:
    """A rate of frames, or the one next to it in numbers that files can hold: 23.976023976 is 24000 / 1001."""
    return rate.limit_denominator(_LARGEST) if rate >= 1 else 1 / (1 / rate).limit_denominator(_LARGEST)


def lasting(moments: Iterator[Moment], usual: Fraction) -> Iterator[Moment]:
    """The moments, each with the time until the next one; the last with its own, or else as long as the one before.

    `usual` seconds is what a film of one frame of unknown length lasts.
    """
    before: Moment | None = None
    for moment in moments:
        if before:
            usual = moment.time - before.time
            yield replace(before, duration=usual)
        before = moment
    if before:
        yield replace(before, duration=before.duration or usual)


def within(moments: Iterator[Moment], start: Fraction, end: Fraction | None) -> Iterator[Moment]:
    """Those that begin at `start` or later, and before `end`; one that stays on for long yet begins at `start`, and one
    that would stay on for long after `end` ends there.
    """
    for moment in moments:
        if end is not None and moment.time >= end:
            return
        if end is not None and moment.time + (moment.duration or 0) >= end + _LONG:
            moment = replace(moment, duration=end - moment.time)
        left = moment.time + (moment.duration or 0) - start
        if moment.time >= start:
            yield moment
        elif left >= _LONG:
            yield replace(moment, time=start, duration=left)


def at_rate(moments: Iterator[Moment], rate: Fraction, end: Fraction | None = None) -> Iterator[Moment]:
    """At every 1 / rate seconds before `end` the moment that is shown then: some are repeated, some left out.

    Where all are over before the first of these times, the first moment comes early.
    """
    first: Moment | None = None
    begins = number = 0
    for moment in moments:
        assert moment.duration is not None  # `lasting` has seen to it
        if first is None:
            first, begins = moment, ceil(moment.time * rate)
            number = begins
        over = moment.time + moment.duration
        while number / rate < (over if end is None else min(over, end)):
            yield replace(moment, time=number / rate, duration=1 / rate)
            number += 1
    if first and number == begins:
        yield replace(first, time=(begins - 1) / rate, duration=1 / rate)
