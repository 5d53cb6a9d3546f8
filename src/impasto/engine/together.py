"""Losses of several steps, asked for at once.

A graphics card works through what it has been told while the processor tells it more. To ask for a loss after each step
makes one wait for the other, twice; so there the losses of a few steps are fetched together, and told one by one.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import torch
from torch import Tensor

from impasto.devices import runs_ahead
from impasto.engine.solvers import Step

_STEPS = 8
"""Told together, at most..."""
_HELD = 1 << 28
"""...and the bytes that their pictures take, unless a single one takes more."""


def at_once(image: Tensor) -> int:
    """How many steps are told together, on the device of `image` (1, 3, H, W), for pictures of its size."""
    return max(1, min(_STEPS, _HELD // image.nbytes)) if runs_ahead(image.device) else 1


def together(steps: Iterator[Step], count: int) -> Iterator[Step]:
    """The same steps in the same order, so many at a time: of these all losses are known, and the last one's state."""
    if count == 1:
        return steps
    return _in_batches(steps, count)


def _in_batches(steps: Iterator[Step], count: int) -> Iterator[Step]:
    while batch := list(islice(steps, count)):
        values = torch.stack([step.values for step in batch]).cpu()
        told = [replace(step, values=row) for step, row in zip(batch, values, strict=True)]
        yield from (replace(step, state=None) for step in told[:-1])
        yield told[-1]
