"""Names and files -> networks."""

import hashlib
from pathlib import Path

import pytest
import torch
from networks import files
from torch import Tensor

from impasto.errors import SettingsError, WeightsError
from impasto.networks import check_layers, load, specs, student
from impasto.networks.registry import REGISTRY


def test_the_known_networks() -> None:
    known = {spec.name: spec for spec in specs()}
    assert list(known) == ["vgg19", "student", "vgg16-torchvision", "vgg19-torchvision"]
    for name, spec in known.items():
        assert ("relu3_4" in spec.layers) == name.startswith("vgg19")
        if "torchvision" in name:
            assert spec.sha256.startswith(Path(spec.weights).stem.rpartition("-")[2])
        assert spec.license


@pytest.mark.parametrize("name", ["vgg19", "student"])
def test_the_files_that_come_with_impasto_are_as_their_specs_say(name: str) -> None:
    spec = load(name).spec
    content = Path(spec.weights).read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (spec.size_bytes, spec.sha256)


def test_a_changed_student_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(student.SHIPPED.read_bytes())
    content[-1] ^= 1
    monkeypatch.setattr(student, "SHIPPED", tmp_path / "student.safetensors")
    for damaged in (None, bytes(content)):
        if damaged:
            student.SHIPPED.write_bytes(damaged)
        with pytest.raises(WeightsError, match=r"student\.safetensors is damaged: install impasto again$"):
            load("student")


def test_weights_to_be_fetched_are_told_by_their_address_then_by_their_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path))
    entry = REGISTRY["vgg16-torchvision"]
    assert entry.location() == "https://download.pytorch.org/models/vgg16-397923af.pth"
    (tmp_path / "vgg16-397923af.pth").touch()
    assert entry.location() == str(tmp_path / "vgg16-397923af.pth")


def test_each_load_gives_a_network_of_its_own() -> None:
    first, second = load("vgg19"), load("vgg19")
    first.to(dtype=torch.bfloat16)
    assert second(torch.zeros(1, 3, 4, 4), ["relu1_1"])["relu1_1"].dtype == torch.float32


def test_the_spec_of_a_network_with_average_pooling_needs_less_memory() -> None:
    """Max pooling keeps two numbers of 32 bits more for each of its results: 64/4 of them behind the first block."""
    most, least = (load("vgg19", pooling).spec.memory_per_pixel["pool1"] for pooling in ("max", "average"))
    assert most - least == 2 * 64 / 4


def test_a_path_names_a_file_as_its_text_does() -> None:
    assert load(student.SHIPPED).spec == load(str(student.SHIPPED)).spec


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vgg91", "there is no network 'vgg91'. Did you mean 'vgg19'?"),
        ("resnet", "there is no network 'resnet'. Known: vgg19, student, vgg16-torchvision, vgg19-torchvision."),
        ("", "there is no network ''. Known: vgg19, student, vgg16-torchvision, vgg19-torchvision."),
    ],
)
def test_an_unknown_name_is_said(name: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(name)
    assert str(caught.value) == message


def test_an_unknown_pooling_is_said() -> None:
    with pytest.raises(SettingsError, match=r"^there is no pooling 'aver'. Did you mean 'average'\?$"):
        load("student", "aver")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["nowhere.pth", "folder/nowhere.h5", "./vgg19"])
def test_a_missing_file_is_said(name: str) -> None:
    with pytest.raises(WeightsError, match=f"^there is no file {Path(name)}$"):
        load(name)


def test_a_folder_and_a_foreign_ending_are_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is a folder, not a weights file"):
        load(f"{tmp_path}/")
    (tmp_path / "weights.bin").write_bytes(b"1234")
    with pytest.raises(WeightsError, match=r"its name should end in one of \.pth, \.pt, \.safetensors, \.h5, \.keras$"):
        load(str(tmp_path / "weights.bin"))


def test_a_file_may_have_the_name_of_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vgg16_weights: dict[str, Tensor]
) -> None:
    files.write_safetensors_ours(tmp_path / "vgg19.safetensors", vgg16_weights)
    monkeypatch.chdir(tmp_path)
    assert "relu3_4" not in load("vgg19.safetensors").spec.layers
    assert "relu3_4" in load("vgg19").spec.layers


def test_layers_are_checked_by_name() -> None:
    spec = specs()[0]
    check_layers(spec, ["relu1_1", "pool5"])
    with pytest.raises(SettingsError, match=r"^vgg19 has no layer 'relu42'\. Did you mean 'relu4_2'\?$"):
        check_layers(spec, ["relu1_1", "relu42"])


def test_a_single_name_in_place_of_layers_is_said() -> None:
    with pytest.raises(SettingsError, match=r"^layers: a list of names, please: \['relu4_1'\]\.$"):
        load("student")(torch.rand(1, 3, 32, 32), "relu4_1")
