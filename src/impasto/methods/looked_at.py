"""The looks of pictures that were looked at before: who paints many photos shows each of them the same style."""

from collections.abc import Hashable
from hashlib import blake2b

import torch
from torch import Tensor

from impasto.engine.looks import Look
from impasto.engine.recent import Recent
from impasto.images.packing import is_large
from impasto.methods.seen import Seen
from impasto.networks.feedforward import FeedForward

_looks: Recent[Look] = Recent(64)
"""Some ten million bytes."""


def look_of(painter: FeedForward, picture: Tensor, device: torch.device) -> Look:
    """The look of a picture (1, 3, H, W), packed, as a network on `device` sees it; found again by its pixels."""
    return _looks.get(_key(painter, picture, device), lambda: Seen(painter, picture, device).looks([None])[0])


def _key(painter: FeedForward, picture: Tensor, device: torch.device) -> Hashable:
    """What a look depends on, down to how it is rounded; None for what is not kept."""
    if not painter.fingerprint or is_large(picture.shape):
        return None
    pixels = blake2b(picture.contiguous().numpy().tobytes()).digest()
    return painter.fingerprint, painter.rounds, str(device), torch.get_num_threads(), tuple(picture.shape), pixels
