"""A network that paints, as ONNX: for browsers, phones and whatever else runs that."""

import io
import logging
import warnings
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import torch
from torch import Tensor, nn

from impasto.engine.looks import from_vector, look, vector
from impasto.engine.restyling import paint
from impasto.errors import WeightsError
from impasto.networks.feedforward import UNIT, FeedForward

_LARGEST = 8192
"""Side in pixels of the largest picture."""
_OPSET = 18
_CHECKED_AT = ((64, 96), (160, 128))
_OFF = 1e-3
"""By how much a pixel in [0, 1], or a number of a look, may differ from what torch makes of it."""


class Paints(nn.Module):
    """`image` (1, 3, H, W) in [0, 1], `style` (1, N) as `vector` gives it and `strength` (1,) -> the painting.

    Sides are whole multiples of `UNIT`.
    """

    def __init__(self, network: FeedForward) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        return paint(self.network, image, from_vector(self.network, style), strength[:, None, None])


class Looks(nn.Module):
    """`image` (1, 3, H, W) in [0, 1] -> its look (1, N), which is a `style` for the other one."""

    def __init__(self, network: FeedForward) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        return vector(look(self.network, image))


def exported(network: FeedForward) -> tuple[bytes, bytes]:
    """Two ONNX files: of what paints, `Paints`, and of what sees a new style, `Looks`; any size of picture.

    Each is run once and compared with torch; raises `WeightsError` where they differ.
    """
    network = network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    network.requires_grad_(True)  # what may still learn is carried out by plain convolutions, which ONNX has
    with torch.no_grad():
        style, strength = vector(look(network, torch.rand(1, 3, 64, 64))), torch.tensor([0.6])
    return (
        _exported(Paints(network).eval(), {"style": style, "strength": strength}, "painted"),
        _exported(Looks(network).eval(), {}, "style"),
    )


def _exported(module: nn.Module, others: dict[str, Tensor], output: str) -> bytes:
    given = (torch.rand(1, 3, *_CHECKED_AT[0]), *others.values())
    height, width = (torch.export.Dim(name, min=4, max=_LARGEST // UNIT) for name in ("height", "width"))
    module(*given)  # what is kept from call to call is made now, of real numbers
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)  # of what is not installed, and not needed
        try:
            program = torch.onnx.export(
                module,
                given,
                dynamo=True,
                external_data=False,
                input_names=["image", *others],
                output_names=[output],
                dynamic_shapes=({2: UNIT * height, 3: UNIT * width}, *(None for _ in others)),
                opset_version=_OPSET,
                verbose=False,
            )
        finally:
            logging.disable(logging.NOTSET)
    assert program is not None
    content: bytes = program.model_proto.SerializeToString()
    for size in _CHECKED_AT:
        _check(content, module, {"image": torch.rand(1, 3, *size)} | others)
    return content


def _check(content: bytes, module: nn.Module, given: dict[str, Tensor]) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {name: value.numpy() for name, value in given.items()})
    with torch.inference_mode():
        expected = module(*given.values()).numpy()
    off = float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))
    if not off < _OFF:
        raise WeightsError(f"ONNX paints something else than torch (off by {off:.2g}): report it, please.")
