"""The network that paints in one pass, where it is to paint: loaded once for all pictures."""

from functools import cache

import torch

from impasto.devices import Compute
from impasto.networks.feedforward import FeedForward, load_feedforward


def painter_for(file: str, compute: Compute) -> FeedForward:
    """The network in a file, or the one that comes with impasto. That one is everybody's: it must not be changed.

    Raises `WeightsError` as `load_feedforward` does.
    """
    return _placed(load_feedforward(file), compute) if file else _shipped(compute.device, compute.dtype)


@cache
def _shipped(device: torch.device, dtype: torch.dtype) -> FeedForward:
    return _placed(load_feedforward(), Compute(device, dtype))


def _placed(painter: FeedForward, compute: Compute) -> FeedForward:
    return painter.to(compute.device).computing(compute.dtype)
