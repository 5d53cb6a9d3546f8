"""VGG a second time, in NumPy: what the tests compare with."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray


def convolve(x: Array, weight: Array, bias: Array) -> Array:
    """`x` (C, H, W), its border repeated, correlated with `weight` (O, C, 3, 3)."""
    windows = sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1)), mode="edge"), (3, 3), axis=(1, 2))
    return np.einsum("chwij,ocij->ohw", windows, weight, optimize=True) + bias[:, None, None]


def halve(x: Array, reduce: Callable[..., Array]) -> Array:
    """`reduce` (such as np.max) over squares of two pixels; an odd last row or column is dropped."""
    channels, height, width = x.shape[0], x.shape[1] // 2, x.shape[2] // 2
    squares = x[:, : 2 * height, : 2 * width].reshape(channels, height, 2, width, 2)
    return reduce(squares, axis=(2, 4))


def vgg(
    x: Array, weights: Mapping[str, tuple[Array, Array]], reduce: Callable[..., Array] = np.max
) -> dict[str, Array]:
    """Rectified features by `conv1_1`, `conv1_2`, ... of `x` (3, H, W), prepared as the weights want it."""
    features, block = {}, "1"
    for name, (weight, bias) in weights.items():
        if name[4] != block:
            x, block = halve(x, reduce), name[4]
        x = np.maximum(convolve(x, weight, bias), 0)
        features[name] = x
    return features
