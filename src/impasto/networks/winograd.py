"""3x3 convolutions with a quarter of the multiplications, for processors without bfloat16.

Winograd 1980; Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks", F(4x4, 3x3): tiles of 6x6
inputs, which overlap by 2, give tiles of 4x4 outputs. Between two small fixed transforms each of a tile's 36 numbers
is a matrix product over the channels, where a direct convolution needs 144. Everything here is a matrix product, so
that it runs as fast as the machine multiplies. Results differ from a direct convolution's by about 1e-5 of the largest.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

_INPUT = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]
_WEIGHT = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
_OUTPUT = [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]

_CONSTANT = 7
"""Of a tile's 36 numbers the one that reaches all 16 outputs alike, and nothing else: the place to add a constant."""
_TILE = 4
_WINDOW = _TILE + 2
_CHUNK = 1 << 22
"""Numbers that a stage works on at a time: what bounds the memory, and still keeps the processor busy."""
_NARROW = 128
"""Channels. From fewer, or to fewer, the transforms take longer than the multiplications that they save..."""
_FEWEST_PIXELS = 128
"""...and so does reading the weights, of which there are four times as many, for a smaller map than this."""


def pays(image: Tensor, weight: Tensor) -> bool:
    """Whether `convolve` is faster than a direct convolution (measured on two processors' cores with AVX2)."""
    frozen = not weight.requires_grad
    suited = image.device.type == "cpu" and image.dtype == weight.dtype == torch.float32
    wide = min(weight.shape[:2]) >= _NARROW
    return frozen and suited and wide and image.shape[2] * image.shape[3] >= _FEWEST_PIXELS


def transformed(weight: Tensor) -> Tensor:
    """Weights (out, in, 3, 3) as `convolve` wants them: (36, in, out)."""
    out, channels = weight.shape[:2]
    matrix, few = _matrix("weight", torch.float64), max(1, _CHUNK // (_WINDOW**2 * out))
    result = weight.new_empty(_WINDOW**2, channels, out)
    for part, some in zip(torch.split(result, few, 1), torch.split(weight.detach(), few, 1), strict=True):
        taps = some.double().permute(2, 3, 1, 0).reshape(9, -1)
        part.copy_((matrix @ taps).view(_WINDOW**2, -1, out))
    return result


def convolve(image: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
    """The 3x3 convolution (B, out, H - 2, W - 2), without padding, of `image` (B, in, H, W), plus `bias` (out,).

    `weights` are `transformed` ones. The result is in channels_last. Autograd sees nothing of it: see `convolve_back`.
    """
    batch, channels, height, width = image.shape
    out = weights.shape[2]
    down, across = _tile_counts(height, width)
    padded = _grown(image, _TILE * down + 2, _TILE * across + 2)
    # No view of something larger, which could not be rectified in place.
    size = (batch, out, height - 2, width - 2)
    result = torch.empty(size, dtype=image.dtype, device=image.device, memory_format=torch.channels_last)
    to_input, to_output = _matrix("input", image.dtype), _matrix("output", image.dtype)
    for number, top, rows in _chunks(batch, down, across, max(channels, out)):
        windows = _windows(padded[number], top, rows, across).reshape(_WINDOW**2, -1)
        products = torch.bmm((to_input @ windows).view(_WINDOW**2, -1, channels), weights)
        products[_CONSTANT] += bias
        tiles = to_output @ products.view(_WINDOW**2, -1)
        put = tiles.view(_TILE, _TILE, rows, across, out).permute(2, 0, 3, 1, 4).flatten(2, 3).flatten(0, 1)
        there = result[number, :, _TILE * top : _TILE * (top + rows)].permute(1, 2, 0)
        there.copy_(put[: there.shape[0], : there.shape[1]])
    return result


def convolve_back(gradient: Tensor, weights: Tensor, shape: Sequence[int]) -> Tensor:
    """The gradient of the image that `convolve` was given, of `shape` (B, in, H, W), from that of its result.

    Each stage of `convolve` transposed, in reverse.
    """
    batch, channels, height, width = shape
    out = weights.shape[2]
    down, across = _tile_counts(height, width)
    padded = _grown(gradient, _TILE * down, _TILE * across)
    result = gradient.new_zeros(batch, _TILE * down + 2, _TILE * across + 2, channels)
    to_input, to_output = _matrix("input", gradient.dtype), _matrix("output", gradient.dtype)
    for number, top, rows in _chunks(batch, down, across, max(channels, out)):
        tiles = _tiles(padded[number], top, rows, across).reshape(_TILE**2, -1)
        products = torch.bmm((to_output.T @ tiles).view(_WINDOW**2, -1, out), weights.transpose(1, 2))
        windows = (to_input.T @ products.view(_WINDOW**2, -1)).view(_WINDOW, _WINDOW, rows, across, channels)
        # The windows overlap, so they are added one place after the other.
        places = _windows(result[number], top, rows, across)
        for row in range(_WINDOW):
            for column in range(_WINDOW):
                places[row, column] += windows[row, column]
    return result.permute(0, 3, 1, 2)[:, :, :height, :width]


@cache
def _matrix(name: str, dtype: torch.dtype) -> Tensor:
    """The transform of a whole tile as one matrix: of its rows and its columns at once."""
    rows = torch.tensor({"input": _INPUT, "weight": _WEIGHT, "output": _OUTPUT}[name], dtype=torch.float64)
    return torch.kron(rows, rows).to(dtype)


def _tile_counts(height: int, width: int) -> tuple[int, int]:
    """How many tiles, down and across, hold all outputs of an input of that size."""
    return -(-(height - 2) // _TILE), -(-(width - 2) // _TILE)


def _grown(image: Tensor, height: int, width: int) -> Tensor:
    """`image` (B, C, H, W) as (B, height, width, C), with zeros below and to the right."""
    grown = F.pad(image, (0, width - image.shape[3], 0, height - image.shape[2]))
    return grown.permute(0, 2, 3, 1).contiguous()


def _chunks(batch: int, down: int, across: int, channels: int) -> Iterator[tuple[int, int, int]]:
    """(picture, first row of tiles, rows of tiles), as many rows at a time as `_CHUNK` allows."""
    rows = max(1, _CHUNK // (_WINDOW**2 * across * channels))
    for number in range(batch):
        for top in range(0, down, rows):
            yield number, top, min(rows, down - top)


def _windows(image: Tensor, top: int, rows: int, across: int) -> Tensor:
    """The overlapping 6x6 windows of `image` (H, W, C) as a view (6, 6, rows, across, C)."""
    down, right, step = image.stride()
    start = image.storage_offset() + _TILE * top * down
    size = (_WINDOW, _WINDOW, rows, across, image.shape[2])
    return image.as_strided(size, (down, right, _TILE * down, _TILE * right, step), start)


def _tiles(image: Tensor, top: int, rows: int, across: int) -> Tensor:
    """The 4x4 tiles of `image` (4 h, 4 across, C) as a view (4, 4, rows, across, C)."""
    part = image[_TILE * top : _TILE * (top + rows)]
    return part.view(rows, _TILE, across, _TILE, -1).permute(1, 3, 0, 2, 4)
