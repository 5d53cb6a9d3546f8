"""3x3 convolutions with a part of the multiplications, for processors.

Winograd 1980; Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks": tiles of inputs, which overlap
by 2, give tiles of outputs. Between two small fixed transforms each of a tile's numbers is a matrix product over the
channels. In float32 it is F(4x4, 3x3): 36 numbers, where a direct convolution needs 144 products; results differ from
the direct one's by about 1e-5 of the largest. In bfloat16 it is F(2x2, 3x3), 16 numbers in place of 36, as the
transforms of larger tiles would cost too many of its digits; results differ from exact ones twice as much as those of
a direct convolution in bfloat16.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Form:
    """What tiles are transformed by: their rows and columns, one after the other."""

    tile: int
    """Outputs a side."""
    input: Rows
    weight: Rows
    output: Rows

    @property
    def window(self) -> int:
        """Inputs a side."""
        return self.tile + 2

    @property
    def constant(self) -> int:
        """Of a tile's numbers the one that reaches all outputs alike, and nothing else: the place to add a constant."""
        return self.window + 1


FOUR = Form(
    4,
    input=(
        (4, 0, -5, 0, 1, 0),
        (0, -4, -4, 1, 1, 0),
        (0, 4, -4, -1, 1, 0),
        (0, -2, -1, 2, 1, 0),
        (0, 2, -1, -2, 1, 0),
        (0, 4, 0, -5, 0, 1),
    ),
    weight=(
        (1 / 4, 0, 0),
        (-1 / 6, -1 / 6, -1 / 6),
        (-1 / 6, 1 / 6, -1 / 6),
        (1 / 24, 1 / 12, 1 / 6),
        (1 / 24, -1 / 12, 1 / 6),
        (0, 0, 1),
    ),
    output=((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1)),
)
TWO = Form(
    2,
    input=((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
    weight=((1, 0, 0), (1 / 2, 1 / 2, 1 / 2), (1 / 2, -1 / 2, 1 / 2), (0, 0, 1)),
    output=((1, 1, 1, 0), (0, 1, -1, -1)),
)
_FORMS = {torch.bfloat16: TWO}
"""Of each precision, `FOUR` where none is named."""

_CHUNK = 1 << 23
"""Bytes that a stage works on at a time: few enough for the processor's own memory, many enough to keep it busy."""
_NARROW = {torch.float32: 128, torch.bfloat16: 256}
"""Channels. From fewer, or to fewer, the transforms take longer than the multiplications that they save..."""
_FEWEST_PIXELS = 128
"""...and so does reading the weights, of which there are many times as many, for a smaller map than this."""


def pays(image: Tensor, weight: Tensor) -> bool:
    """Whether `convolve` is faster than a direct convolution (measured on two cores with AVX2, and with AVX-512)."""
    frozen = not weight.requires_grad
    suited = image.device.type == "cpu" and image.dtype == weight.dtype
    wide = min(weight.shape[:2]) >= _NARROW.get(image.dtype, max(weight.shape) + 1)
    return frozen and suited and wide and image.shape[2] * image.shape[3] >= _FEWEST_PIXELS


def transformed(weight: Tensor) -> Tensor:
    """Weights (out, in, 3, 3) as `convolve` wants them: (numbers of a tile, in, out), which tell their form."""
    form = _FORMS.get(weight.dtype, FOUR)
    out, channels = weight.shape[:2]
    few = max(1, _CHUNK // (8 * form.window**2 * out))
    result = weight.new_empty(form.window**2, channels, out)
    for part, some in zip(torch.split(result, few, 1), torch.split(weight.detach(), few, 1), strict=True):
        part.copy_(_squares(form.weight, some.double().permute(2, 3, 1, 0)).flatten(0, 1))
    return result


def convolve(image: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
    """The 3x3 convolution (B, out, H - 2, W - 2), without padding, of `image` (B, in, H, W), plus `bias` (out,).

    `weights` are `transformed` ones. The result is in channels_last. Autograd sees nothing of it: see `convolve_back`.
    """
    form = _form(weights)
    batch, channels, height, width = image.shape
    out, tile = weights.shape[2], form.tile
    down, across = _tile_counts(form, height, width)
    padded = _grown(image, tile * down + 2, tile * across + 2)
    # No view of something larger, which could not be rectified in place.
    size = (batch, out, height - 2, width - 2)
    result = torch.empty(size, dtype=image.dtype, device=image.device, memory_format=torch.channels_last)
    for number, top, rows in _chunks(form, padded, down, across, max(channels, out)):
        windows = _squares(form.input, _windows(form, padded[number], top, rows, across))
        products = torch.bmm(windows.view(form.window**2, -1, channels), weights)
        products[form.constant] += bias
        tiles = _squares(form.output, products.view(form.window, form.window, rows, across, out))
        put = tiles.permute(2, 0, 3, 1, 4).flatten(2, 3).flatten(0, 1)
        there = result[number, :, tile * top : tile * (top + rows)].permute(1, 2, 0)
        there.copy_(put[: there.shape[0], : there.shape[1]])
    return result


def convolve_back(gradient: Tensor, weights: Tensor, shape: Sequence[int]) -> Tensor:
    """The gradient of the image that `convolve` was given, of `shape` (B, in, H, W), from that of its result.

    Each stage of `convolve` transposed, in reverse.
    """
    form = _form(weights)
    batch, channels, height, width = shape
    out, tile, window = weights.shape[2], form.tile, form.window
    down, across = _tile_counts(form, height, width)
    padded = _grown(gradient, tile * down, tile * across)
    result = gradient.new_zeros(batch, tile * down + 2, tile * across + 2, channels)
    for number, top, rows in _chunks(form, padded, down, across, max(channels, out)):
        tiles = _squares(_turned(form.output), _tiles(form, padded[number], top, rows, across))
        products = torch.bmm(tiles.view(window**2, -1, out), weights.transpose(1, 2))
        windows = _squares(_turned(form.input), products.view(window, window, rows, across, channels))
        # The windows overlap, so they are added one place after the other.
        places = _windows(form, result[number], top, rows, across)
        for row in range(window):
            for column in range(window):
                places[row, column] += windows[row, column]
    return result.permute(0, 3, 1, 2)[:, :, :height, :width]


def _form(weights: Tensor) -> Form:
    return next(form for form in (TWO, FOUR) if form.window**2 == len(weights))


def _turned(rows: Rows) -> Rows:
    return tuple(zip(*rows, strict=True))


def _squares(by: Rows, values: Tensor) -> Tensor:
    """Small squares of numbers (n, n, ...), in as many places at once as there are others, transformed: (m, m, ...)."""
    if values.dtype == torch.bfloat16:  # rows and columns at once, to be rounded once
        product = _matrix(by, values.dtype) @ values.reshape(len(by[0]) ** 2, -1)
        return product.view(len(by), len(by), *values.shape[2:])
    half = values.new_empty(len(by), *values.shape[1:])
    _add_up(by, values.unbind(0), half.unbind(0))
    whole = values.new_empty(len(by), len(by), *values.shape[2:])
    _add_up(by, half.unbind(1), whole.unbind(1))
    return whole


@cache
def _matrix(rows: Rows, dtype: torch.dtype) -> Tensor:
    once = torch.tensor(rows, dtype=torch.float64)
    return torch.kron(once, once).to(dtype)


def _add_up(by: Rows, parts: Sequence[Tensor], sums: Sequence[Tensor]) -> None:
    """The product of a matrix and `parts`, which pays as sums: nearly half of its numbers are zeros."""
    for row, sum_ in zip(by, sums, strict=True):
        terms = [(factor, part) for factor, part in zip(row, parts, strict=True) if factor]
        (factor, part), *terms = sorted(terms, key=lambda term: term[0] != 1)
        if factor == 1 and terms:
            (factor, other), *terms = terms
            torch.add(part, other, alpha=factor, out=sum_)
        else:
            torch.mul(part, factor, out=sum_)
        for factor, part in terms:
            sum_.add_(part, alpha=factor)


def _tile_counts(form: Form, height: int, width: int) -> tuple[int, int]:
    """How many tiles, down and across, hold all outputs of an input of that size."""
    return -(-(height - 2) // form.tile), -(-(width - 2) // form.tile)


def _grown(image: Tensor, height: int, width: int) -> Tensor:
    """`image` (B, C, H, W) as (B, height, width, C), with zeros below and to the right."""
    more = (0, width - image.shape[3], 0, height - image.shape[2])
    grown = F.pad(image, more) if any(more) else image  # by nothing, it would be copied
    return grown.permute(0, 2, 3, 1).contiguous()


def _chunks(form: Form, pictures: Tensor, down: int, across: int, channels: int) -> Iterator[tuple[int, int, int]]:
    """(picture, first row of tiles, rows of tiles): alike, and as many rows at a time as `_CHUNK` allows."""
    most = max(1, _CHUNK // (pictures.element_size() * form.window**2 * across * channels))
    rows = -(-down // -(-down // most))
    for number in range(len(pictures)):
        for top in range(0, down, rows):
            yield number, top, min(rows, down - top)


def _windows(form: Form, image: Tensor, top: int, rows: int, across: int) -> Tensor:
    """The overlapping windows of `image` (H, W, C) as a view (window, window, rows, across, C)."""
    down, right, step = image.stride()
    start = image.storage_offset() + form.tile * top * down
    size = (form.window, form.window, rows, across, image.shape[2])
    return image.as_strided(size, (down, right, form.tile * down, form.tile * right, step), start)


def _tiles(form: Form, image: Tensor, top: int, rows: int, across: int) -> Tensor:
    """The tiles of `image` (tile h, tile across, C) as a view (tile, tile, rows, across, C)."""
    part = image[form.tile * top : form.tile * (top + rows)]
    return part.view(rows, form.tile, across, form.tile, -1).permute(1, 3, 0, 2, 4)
