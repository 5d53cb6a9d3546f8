"""Which networks look, and when a cheaper one may stand in for them."""

import pytest
import torch

from impasto import networks
from impasto.devices import Compute
from impasto.engine.roles import load_roles, load_sketch
from impasto.errors import SettingsError
from impasto.networks import student
from impasto.settings import NetworkSettings

COMPUTE = Compute(torch.device("cpu"), torch.float32)


def sketch_for(**settings: str) -> object:
    chosen = NetworkSettings(**settings)
    return load_sketch(chosen, load_roles(chosen, COMPUTE), COMPUTE)


def test_the_student_stands_in_for_its_teacher_at_the_same_layers_with_the_same_weights() -> None:
    settings = NetworkSettings(style_layers="relu1_1:4,relu3_1:1")
    roles = load_roles(settings, COMPUTE)
    sketch = load_sketch(settings, roles, COMPUTE)
    assert sketch is not None
    assert sketch.style.network is sketch.content.network
    assert sketch.style.network.spec.name == "student"
    assert (sketch.style.layers, sketch.content.layers) == (roles.style.layers, roles.content.layers)


@pytest.mark.parametrize(
    "settings",
    [
        {"sketch_network": "none"},
        {"content_network": "student"},
        {"content_network": "student", "style_network": "student"},
        {"content_layers": "relu3_3"},
        {"pooling": "average"},
        {"pooling": "average", "sketch_network": "vgg16-torchvision"},  # not even fetched
    ],
    ids=str,
)
def test_it_does_not_where_it_was_taught_something_else(settings: dict[str, str]) -> None:
    assert sketch_for(**settings) is None


def test_an_unknown_one_is_an_error() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'student'"):
        sketch_for(sketch_network="studnt")


def test_a_network_that_is_nobodys_student_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"vgg19 stands in for no other network\. Give student, none, or a file"):
        sketch_for(sketch_network="vgg19")


def test_a_network_is_loaded_once_for_pictures_one_after_the_other(monkeypatch, tmp_path) -> None:
    loads, load = [], networks.load
    monkeypatch.setattr(networks, "load", lambda *given: loads.append(given[0]) or load(*given))
    path = tmp_path / "student.safetensors"
    path.write_bytes(student.SHIPPED.read_bytes())
    settings = NetworkSettings(content_network=path, style_network=path)
    first, second = load_roles(settings, COMPUTE), load_roles(settings, COMPUTE)
    assert first.style.network is second.style.network
    assert loads == [str(path)]
    half = load_roles(settings, Compute(torch.device("cpu"), torch.bfloat16))
    assert half.style.network is not first.style.network
    path.write_bytes(path.read_bytes())
    assert load_roles(settings, COMPUTE).style.network is not first.style.network
