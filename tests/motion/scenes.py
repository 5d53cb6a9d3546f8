"""Scenes whose motion is known, drawn from formulas at any place between the pixels."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.motion import Frame

Place = Callable[[NDArray[np.float64], NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]


def grid(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y of all pixels, (height, width) each."""
    y, x = np.mgrid[:height, :width].astype(float)
    return x, y


def paint(x: NDArray[np.float64], y: NDArray[np.float64], seed: int = 0) -> Frame:
    """A texture of 40 waves, from 5 to 60 pixels long, at these places, around a color of its own for each seed."""
    chance = np.random.default_rng(seed)
    levels = np.zeros((*x.shape, 3))
    color = np.random.default_rng(seed).uniform(-3, 3, 3)
    for _ in range(40):
        angle, length, phase = chance.uniform(0, 2 * np.pi), chance.uniform(5, 60), chance.uniform(0, 2 * np.pi, 3)
        along = (x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / length
        levels += chance.uniform(0.3, 1, 3) * np.sin(along[..., None] + phase)
    return (128 + 14 * (levels + color)).clip(0, 255).round().astype(np.uint8)


def scene(height: int, width: int, place: Place = lambda x, y: (x, y), seed: int = 0) -> Frame:
    """The texture, with what is at `place`(p) in it shown at p."""
    return paint(*place(*grid(height, width)), seed)


def vectors(x: NDArray[np.float64], y: NDArray[np.float64]) -> Tensor:
    """A flow (1, 2, H, W), float32."""
    return torch.from_numpy(np.stack([x, y])[None].astype(np.float32))


def off(found: Tensor, true: Tensor, margin: int) -> Tensor:
    """End-point errors (H - 2 margin, W - 2 margin) of a flow, away from the frame's border."""
    return (found - true).norm(dim=1)[0, margin:-margin, margin:-margin]
