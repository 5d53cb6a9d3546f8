"""Work that a graphics card is told once, and then only told to repeat: a CUDA graph.

A look at a picture of a few hundred pixels, or a step of training, is thousands of small pieces of work, and to tell
the card of one takes longer than the piece.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

Work = Callable[..., Sequence[Tensor]]
"""From tensors to tensors, always of the same shapes: it looks at no number on the device, and draws none."""

_WARM_UP = 3
"""Calls on the stream of the capture, so that the libraries have set up all that they need there."""


def captured(work: Work, given: Sequence[Tensor], device: torch.device) -> Work:
    """The same work on tensors like those `given`: what it finds holds until it is called again.

    Raises `RuntimeError` where it does what cannot be captured, or memory is short: a graph has its own for good.
    """
    with torch.cuda.device(device), _back_on_its_stream():
        here, graph = [each.to(device, copy=True) for each in given], torch.cuda.CUDAGraph()
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UP):
                work(*here)
        torch.cuda.current_stream().wait_stream(aside)
        # Other threads may do as they like meanwhile: they show previews, paint another frame, get lessons ready.
        with torch.cuda.graph(graph, stream=aside, capture_error_mode="thread_local"):
            found = work(*here)

    def repeated(*given: Tensor) -> Sequence[Tensor]:
        for place, each in zip(here, given, strict=True):
            place.copy_(each, non_blocking=True)
        graph.replay()
        return found

    return repeated


@contextmanager
def _back_on_its_stream() -> Iterator[None]:
    """Whatever happens, the thread goes on where it was: a capture that fails leaves it on its own stream."""
    before = torch.cuda.current_stream()
    try:
        yield
    finally:
        torch.cuda.set_stream(before)


def captured_at_first(work: Work, device: torch.device) -> Work:
    """The same work, captured when it is first called, where the device can do that; elsewhere as it is."""
    if device.type != "cuda":
        return work
    repeated: list[Work] = []

    def call(*given: Tensor) -> Sequence[Tensor]:
        if not repeated:
            repeated.append(captured(work, given, device))
        return repeated[0](*given)

    return call
