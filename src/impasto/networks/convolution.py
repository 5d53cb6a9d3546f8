"""3x3 convolutions that are carried out the faster way, one that learns, and a frozen one with its rectifier.

Of the latter nothing but what comes out of it is kept for the way back.

Weights that do not learn need no gradient, so what goes into a convolution need not be kept, and where it was rectified
is seen from its result. Left to autograd both are kept, and the first with its border.
"""

from functools import cached_property
from typing import Any, Self, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from impasto.devices import is_settled
from impasto.networks import winograd

_BORDERS = [(side, border, inside) for side in (2, 3) for border, inside in ((0, 1), (-1, -2))]
"""Sides of a map, with the row or column at the border of each, and the one that it repeats."""


class _Quick(nn.Conv2d):
    """A 3x3 convolution that repeats what is at the border, and can be carried out the faster way."""

    @cached_property
    def transformed(self) -> Tensor:
        """The weights as `winograd` takes them."""
        return winograd.transformed(self.weight)

    @cached_property
    def rounded(self) -> tuple[Tensor, Tensor]:
        """Weights and bias in bfloat16."""
        return self.weight.detach().bfloat16(), cast(Tensor, self.bias).detach().bfloat16()

    def _apply(self, *args: Any, **kwargs: Any) -> Self:
        """What `to` does to every parameter: what was made of them before is out of date."""
        self._forget()
        super()._apply(*args, **kwargs)  # type: ignore[no-untyped-call]
        return self

    def _load_from_state_dict(self, *args: Any) -> None:
        self._forget()
        super()._load_from_state_dict(*args)

    def _forget(self) -> None:
        for name in ("transformed", "rounded"):
            self.__dict__.pop(name, None)


class RectifiedConvolution(_Quick):
    """A frozen convolution and its rectifier."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        # On the meta device nothing is drawn at random, only to be overwritten.
        super().__init__(weight.shape[1], weight.shape[0], 3, padding=1, padding_mode="replicate", device="meta")
        self.weight = nn.Parameter(weight.contiguous(memory_format=torch.channels_last), requires_grad=False)
        self.bias = nn.Parameter(bias, requires_grad=False)

    def forward(self, image: Tensor, shown: bool = True) -> Tensor:
        """Features (B, out, H, W) of `image` (B, in, H, W); what is not `shown` to anything else, nothing keeps."""
        return cast(Tensor, _Rectified.apply(image, self, shown))  # type: ignore[no-untyped-call]

    def pooled(self, image: Tensor) -> Tensor:
        """The largest of each square of 2x2 features, (B, out, H // 2, W // 2)."""
        return cast(Tensor, _RectifiedAndPooled.apply(image, self))  # type: ignore[no-untyped-call]


class Convolution(_Quick):
    """One that learns; as soon as it is frozen, and where nothing asks for a gradient, it is carried out faster."""

    rounds = False
    """Whether it may be carried out in bfloat16, and give that, too."""

    def __init__(self, channels: int, out: int, stride: int = 1) -> None:
        super().__init__(channels, out, 3, stride, padding=1, padding_mode="replicate")

    def forward(self, image: Tensor) -> Tensor:
        """Features (B, out, H, W) of `image` (B, in, H, W), or every second of a row and column with a stride of 2."""
        frozen = not (image.requires_grad or self.weight.requires_grad)
        if frozen and self.rounds:
            return F.conv2d(_with_border(image, torch.bfloat16), *self.rounded, self.stride)
        padded = bordered(image)
        if frozen and self.stride == (1, 1) and winograd.pays(padded, self.weight):
            return winograd.convolve(padded, self.transformed, cast(Tensor, self.bias))
        return self.convolved(padded, self.weight, self.bias)

    def convolved(self, padded: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Of what is `bordered`, by any weights, in the precision that it may be carried out in."""
        if not self.rounds:
            return F.conv2d(padded, weight, bias, self.stride)
        return F.conv2d(padded.bfloat16(), weight.bfloat16(), None if bias is None else bias.bfloat16(), self.stride)


def pointwise(features: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A 1x1 convolution of `features` (B, C, h, w) by `weight` (O, C, 1, 1): (B, O, h, w).

    It is said to be dilated, which means nothing where the kernel is a single position: any other torch hands to oneDNN
    only where it has several threads, and else to MKL, which takes two to three times as long on AMD's processors.
    """
    return F.conv2d(features, weight, bias, dilation=2 if is_settled(features) else 1)


class Pointwise(nn.Conv2d):
    """A 1x1 convolution, carried out as `pointwise` does."""

    def forward(self, features: Tensor) -> Tensor:
        """Of (B, in, h, w), (B, out, h, w)."""
        return pointwise(features, self.weight, self.bias)


def bordered(image: Tensor) -> Tensor:
    """The same (B, C, H + 2, W + 2), its border repeated."""
    if image.is_cuda:
        return cast(Tensor, _Bordered.apply(image))  # type: ignore[no-untyped-call]
    return F.pad(image, (1, 1, 1, 1), mode="replicate")


class _Bordered(torch.autograd.Function):
    """In channels_last: on graphics cards padding gives up that layout, and every convolution wants it."""

    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        return _with_border(image, image.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _without_border(gradient.clone())


def _with_border(image: Tensor, dtype: torch.dtype) -> Tensor:
    """Rounded on the way, in one go."""
    batch, channels, height, width = image.shape
    shape = (batch, channels, height + 2, width + 2)
    padded = torch.empty(shape, dtype=dtype, device=image.device, memory_format=torch.channels_last)
    padded[:, :, 1:-1, 1:-1] = image
    for side, border, inside in _BORDERS:
        padded.select(side, border).copy_(padded.select(side, inside))
    return padded


class _Rectified(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, by: RectifiedConvolution, shown: bool) -> Tensor:
        result = _convolve(ctx, image, by).relu_()
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(result if shown else result > 0)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (result,) = ctx.saved_tensors
        return _back(ctx, _passed(gradient, result)), None, None


class _RectifiedAndPooled(torch.autograd.Function):
    """Only the largest is rectified, which comes to the same, and nothing is kept of the others."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, by: RectifiedConvolution) -> Tensor:
        features = _convolve(ctx, image, by)
        result, places = F.max_pool2d(features, 2, return_indices=True)
        result.relu_()
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(result, places)
            ctx.size = features.shape
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        result, places = ctx.saved_tensors
        like = {"dtype": result.dtype, "device": result.device, "memory_format": torch.channels_last}
        back = torch.empty(ctx.size, **like)
        # Of the features, only shape and layout are asked for.
        square = ((2, 2), (2, 2), (0, 0), (1, 1), False)  # size, stride, padding, dilation, not rounded up
        unpool = torch.ops.aten.max_pool2d_with_indices_backward.grad_input
        unpool(_passed(gradient, result), back, *square, places, grad_input=back)
        return _back(ctx, back), None


def _convolve(ctx: Any, image: Tensor, by: RectifiedConvolution) -> Tensor:
    padded = F.pad(image, (1, 1, 1, 1)) if by.padding_mode == "zeros" else bordered(image)
    ctx.by, ctx.shape, ctx.quick = by, padded.shape, winograd.pays(padded, by.weight)
    bias = cast(Tensor, by.bias)
    return winograd.convolve(padded, by.transformed, bias) if ctx.quick else F.conv2d(padded, by.weight, bias)


def _passed(gradient: Tensor, result: Tensor) -> Tensor:
    """Of a rectifier's gradient what is left where something came out of it; `result` may also just say where."""
    if result.dtype == torch.bool:
        return gradient * result
    passed: Tensor = torch.ops.aten.threshold_backward(gradient, result, 0)
    return passed


def _back(ctx: Any, gradient: Tensor) -> Tensor:
    """The gradient of what `_convolve` was given."""
    if ctx.quick:
        padded = winograd.convolve_back(gradient, ctx.by.transformed, ctx.shape)
    else:
        padded = _convolve_back(gradient, ctx.by.weight, ctx.shape)
    return padded[:, :, 1:-1, 1:-1] if ctx.by.padding_mode == "zeros" else _without_border(padded)


def _without_border(padded: Tensor) -> Tensor:
    """A gradient, of which that of the border is added, in place, to that of what it repeats."""
    for side, border, inside in _BORDERS:
        padded.select(side, inside).add_(padded.select(side, border))
    return padded[:, :, 1:-1, 1:-1]


def _convolve_back(gradient: Tensor, weight: Tensor, shape: torch.Size) -> Tensor:
    """The gradient of a convolution's input of that shape, which itself is not needed."""
    no_input = gradient.new_empty(1).expand(shape)
    places = ((1, 1), (0, 0), (1, 1), False, (0, 0), 1)  # stride, padding, dilation, not transposed, no output padding
    wanted = (True, False, False)  # not those of weight and bias
    back: Tensor = torch.ops.aten.convolution_backward(gradient, no_input, weight, None, *places, wanted)[0]
    return back
