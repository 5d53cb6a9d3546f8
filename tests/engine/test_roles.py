"""Which networks look, and when a cheaper one may stand in for them."""

import pytest
import torch

from impasto.devices import Compute
from impasto.engine.roles import load_roles, load_sketch
from impasto.errors import SettingsError
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
