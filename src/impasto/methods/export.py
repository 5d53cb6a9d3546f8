"""A network that paints, as ONNX: for browsers, phones and whatever else runs that."""

import io
import logging
import warnings
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from impasto.engine.looks import from_vector, look, share_of, vector
from impasto.engine.restyling import FADED, paint
from impasto.errors import WeightsError
from impasto.networks import adaptation
from impasto.networks.adaptation import changed
from impasto.networks.feedforward import UNIT, FeedForward

_LARGEST = 8192
"""Side in pixels of the largest picture."""
_OPSET = 18
_CHECKED_AT = ((64, 96), (160, 128), (264, 272))
"""Sizes at which what is exported is compared: the last has more positions than are summed up at a time."""
_UNLIKE = 0.02
"""The most by which the numbers of what was learned differ from those that change nothing, where that is checked."""
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
        painted = paint(self.network, image, from_vector(self.network, style), strength[:, None, None])
        return torch.lerp(image, painted, (strength / FADED).clamp_max(1)[:, None, None, None])


class Learns(nn.Module):
    """The same, and `learned` (1, N) as `adaptation.vector` gives it: all 0 where nothing was learned of the style."""

    def __init__(self, network: FeedForward) -> None:
        super().__init__()
        self.paints = Paints(network)

    def forward(self, image: Tensor, style: Tensor, strength: Tensor, learned: Tensor) -> Tensor:
        network = self.paints.network
        parts = adaptation.from_vector(network, learned)
        named = {f"network.{name}": weight for name, weight in changed(network, parts, share_of(strength)).items()}
        painted: Tensor = functional_call(self.paints, named, (image, style, strength))
        return painted


class Looks(nn.Module):
    """`image` (1, 3, H, W) in [0, 1] -> its look (1, N), which is a `style` for the other one."""

    def __init__(self, network: FeedForward) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        return vector(look(self.network, image))


def exported(network: FeedForward, *, any_style: bool = True) -> tuple[bytes, bytes]:
    """Two ONNX files: of what paints, and of what sees a new style, `Looks`; any size of picture.

    What paints is `Learns`, or `Paints` where it is not for `any_style` but as the network has learned one. Each is run
    and compared with torch; raises `WeightsError` where they differ.
    """
    network = deepcopy(network).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    network.requires_grad_(True)  # what may still learn is carried out by plain convolutions, which ONNX has
    chance = torch.Generator().manual_seed(0)
    with torch.no_grad():
        style, strength = vector(look(network, torch.rand(1, 3, 64, 64, generator=chance))), torch.tensor([0.6])
    asked = {"style": style, "strength": strength}
    one = adaptation.vector(adaptation.begun(network, chance))
    learned = one + _UNLIKE * torch.rand(one.shape, generator=chance)
    return (
        _exported(Learns(network).eval(), asked | {"learned": learned}, "painted")
        if any_style
        else _exported(Paints(network).eval(), asked, "painted"),
        _exported(Looks(network).eval(), {}, "style"),
    )


def _exported(module: nn.Module, others: dict[str, Tensor], output: str) -> bytes:
    chance = torch.Generator().manual_seed(0)
    given = (torch.rand(1, 3, *_CHECKED_AT[0], generator=chance), *others.values())
    height, width = (torch.export.Dim(name, min=4, max=_LARGEST // UNIT) for name in ("height", "width"))
    module(*given)  # what is kept from call to call is made now, of real numbers
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = logging.root.manager.disable
        logging.disable(max(told, logging.WARNING))  # of what is not installed, and not needed
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
            logging.disable(told)
    assert program is not None
    content: bytes = program.model_proto.SerializeToString()
    for size in _CHECKED_AT:
        _check(content, module, {"image": torch.rand(1, 3, *size, generator=chance)} | others)
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
