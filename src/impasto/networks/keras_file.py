"""A Keras model of any architecture as a `FeatureNetwork`, by its own layer names, on Keras' torch backend."""

import math
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from impasto.errors import MissingExtraError, WeightsError
from impasto.networks.features import NetworkSpec, check_layers

_SAFE = (3, 15, 1)
"""The oldest Keras that is given a stranger's file. Of older ones some run the code in a `.h5`, `safe_mode` or not
(CVE-2025-9905), some read other files that a model names (CVE-2026-1669)."""
PROBE = 128
"""Side in pixels of the picture with which a model's layers are measured."""


class KerasNetwork:
    """A frozen Keras model. It takes RGB in [0, 1], or in 0..255 where its first layer rescales or normalizes.

    How a model without such a layer was trained is not in its file: add a `keras.layers.Rescaling` in front and save
    it again, if it was not on [0, 1].
    """

    spec: NetworkSpec

    def __init__(self, model: Any, path: Path) -> None:
        import keras

        first = next((layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)), None)
        self._scale = 255.0 if isinstance(first, keras.layers.Rescaling | keras.layers.Normalization) else 1.0
        self._model = model
        self._input, self._outputs = _graph(model)
        self._parts: dict[tuple[str, ...], Any] = {}
        self._device = torch.device("cpu")
        if not self._outputs:
            raise WeightsError(f"{path} has no layer with features (height, width, channels) on its outermost level")
        self.spec = self._describe(path)

    def __call__(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Features (B, C, h, w) by layer name of `image` (B, 3, H, W) in [0, 1], in the network's own precision.

        Runs only the layers that lead to those asked for. Raises `SettingsError` for a layer that is not there.
        """
        import keras

        check_layers(self.spec, layers)
        pixels = (image * self._scale).permute(0, 2, 3, 1)  # (B, H, W, 3)
        with keras.device(str(self._device)):
            features = self._part(tuple(layers))(pixels, training=False)
        return {name: features[name].permute(0, 3, 1, 2) for name in layers}

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """The network itself, moved. In bfloat16 it computes so from its float32 weights."""
        if device is not None:
            self._device = torch.device(device)
            self._model.to(self._device)
        if dtype is not None:
            policy = "mixed_bfloat16" if dtype == torch.bfloat16 else str(dtype).removeprefix("torch.")
            for layer in self._model.layers:
                layer.dtype_policy = policy
        return self

    def each(self, image: Tensor, layers: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """The same; Keras gives all of them at once."""
        yield from self(image, layers).items()

    def _part(self, layers: tuple[str, ...]) -> Any:
        """The model cut off behind these layers."""
        import keras

        if layers not in self._parts:
            self._parts[layers] = keras.Model(self._input, {name: self._outputs[name] for name in layers})
        return self._parts[layers]

    def _describe(self, path: Path) -> NetworkSpec:
        try:
            shapes = self._shapes(PROBE)
        except (RuntimeError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise WeightsError(f"{path} cannot look at a picture of {PROBE}x{PROBE} pixels ({reason})") from error
        kept = accumulate(math.prod(shape) / PROBE**2 for shape in shapes.values())
        style = _default_layers(self._model, shapes)
        return NetworkSpec(
            name=str(path),
            layers=tuple(shapes),
            content_layers=(style[max(len(style) - 2, 0)],),
            style_layers=style,
            smallest_size=dict.fromkeys(shapes, self._smallest_size()),
            memory_per_pixel=dict(zip(shapes, kept, strict=True)),
            weights=str(path),
            size_bytes=path.stat().st_size,
        )

    def _smallest_size(self) -> int:
        """The smallest power of two that the whole model takes: a bound for each of its layers."""
        size = 1
        while size < PROBE:
            try:
                self._shapes(size)
            except (RuntimeError, ValueError):
                size *= 2
            else:
                break
        return size

    @torch.no_grad()
    def _shapes(self, size: int) -> dict[str, tuple[int, int, int]]:
        """(channels, height, width) of each layer's features of a square picture."""
        import keras

        with keras.device(str(self._device)):
            features = self._part(tuple(self._outputs))(torch.zeros(1, size, size, 3), training=False)
        shapes = {name: features[name].shape for name in self._outputs}  # Keras sorts by name
        return {name: (channels, height, width) for name, (_, height, width, channels) in shapes.items()}


def holds_model(path: Path) -> bool:
    """Whether the file holds a whole Keras model, not only weights."""
    if path.suffix.lower() != ".h5":
        return path.suffix.lower() == ".keras"
    import h5py

    with h5py.File(path) as file:
        return "model_config" in file.attrs


def load(path: Path) -> KerasNetwork:
    """The model in the file, frozen. Code in it is refused (`safe_mode`).

    Raises `WeightsError` where Keras cannot load it, where it does not take color pictures of any size, or where its
    weights are not finite; `MissingExtraError` without Keras.
    """
    keras = _keras()
    try:
        with keras.device("cpu"):
            model = keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # a stranger's file can make Keras raise anything
        reason = str(error).strip().partition("\n")[0]
        raise WeightsError(f"Keras cannot load {path}: {reason or type(error).__name__}") from error
    shape = _input_shape(model)
    if shape != (None, None, None, 3):
        raise WeightsError(f"{path} takes pictures of shape {shape}: save it again for (None, None, 3)")
    if not all(torch.isfinite(variable.value).all() for variable in model.weights):
        raise WeightsError(f"{path} is damaged: its weights hold numbers that are not finite")
    model.trainable = False
    return KerasNetwork(model, path)


def _keras() -> Any:
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "torch"
    try:
        import keras
    except ImportError as error:
        raise MissingExtraError("a Keras model of this architecture", "keras") from error
    version = keras.__version__
    if tuple(int(part) for part in version.split(".")[:3] if part.isdecimal()) < _SAFE:
        raise MissingExtraError(f"a Keras model (Keras {version} may run the code in one)", "keras")
    if keras.backend.backend() != "torch":
        raise WeightsError(f"Keras already runs on {keras.backend.backend()}: set KERAS_BACKEND=torch before it starts")
    return keras


def _input_shape(model: Any) -> tuple[int | None, ...] | None:
    """(B, H, W, C) of a model's one input; None where it has several, or none that is known."""
    inputs = getattr(model, "inputs", None) or []
    return tuple(inputs[0].shape) if len(inputs) == 1 else None


def _graph(model: Any) -> tuple[Any, dict[str, Any]]:
    """The symbolic input (B, H, W, 3), and the output (B, h, w, C) of each layer that has such a one, in order."""
    import keras

    if isinstance(model, keras.Sequential):  # its layers remember graphs from before it was complete: draw a new one
        inputs = tensor = keras.Input((None, None, 3))
        outputs = {layer.name: (tensor := layer(tensor)) for layer in model.layers}
    else:
        # A model within the model has a graph of its own.
        inner = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer | keras.Model)]
        inputs, outputs = model.inputs[0], {layer.name: layer.output for layer in inner}
    return inputs, {name: output for name, output in outputs.items() if len(getattr(output, "shape", ())) == 4}


def _default_layers(model: Any, shapes: dict[str, tuple[int, int, int]]) -> tuple[str, ...]:
    """The first rectified layer of each of the five finest octaves, as relu1_1 to relu5_1 are in VGG."""
    wide = [name for name, (_, height, _) in shapes.items() if height > 1] or list(shapes)
    first: dict[int, str] = {}
    for name in [name for name in wide if _is_rectified(model.get_layer(name))] or wide:
        first.setdefault(round(math.log2(PROBE / shapes[name][1])), name)
    return tuple(first[octave] for octave in sorted(first)[:5])


def _is_rectified(layer: Any) -> bool:
    import keras

    kinds = keras.layers.ReLU | keras.layers.LeakyReLU | keras.layers.PReLU | keras.layers.ELU
    activation = getattr(layer, "activation", keras.activations.linear)
    return isinstance(layer, kinds) or activation is not keras.activations.linear
