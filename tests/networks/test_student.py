"""The student: what its features stand for, and what its files must hold."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.errors import SettingsError, WeightsError
from impasto.losses import gram, gram_matrix
from impasto.networks import load
from impasto.networks.student import LAYERS, Student, architecture, student_file, student_spec
from impasto.networks.vgg import VGG19, convolutions

WIDTHS = (3, 4, 5, 6, 7)
TAUGHT = {c.layer: c.shape[0] for c in convolutions(VGG19)}


@pytest.fixture
def weights() -> dict[str, Tensor]:
    """Random ones, as a file would hold them."""
    draw = torch.Generator().manual_seed(5)
    drawn = {}
    for convolution in convolutions(architecture(WIDTHS)):
        fan = 9 * convolution.shape[1]
        drawn[f"{convolution.name}.weight"] = torch.randn(convolution.shape, generator=draw) * (2 / fan) ** 0.5
        drawn[f"{convolution.name}.bias"] = torch.randn(convolution.shape[0], generator=draw) * 0.1
    for layer in LAYERS:
        width = WIDTHS[int(layer[4]) - 1]
        drawn[f"{layer}.lift"] = torch.randn(TAUGHT[layer], width, generator=draw)
    return drawn


@pytest.fixture
def student(weights: dict[str, Tensor]) -> Student:
    return Student(student_spec(WIDTHS, "any"), weights)


def lifted(student: Student, weights: dict[str, Tensor], picture: Tensor) -> dict[str, Tensor]:
    """The teacher's features as the student believes them to be."""
    features = student.trunk(picture, LAYERS)
    return {layer: F.conv2d(features[layer], weights[f"{layer}.lift"][:, :, None, None]) for layer in LAYERS}


def test_features_are_few_and_have_the_geometry_of_the_lifted_ones(
    student: Student, weights: dict[str, Tensor], picture: Tensor
) -> None:
    """Products, and so distances and angles, of every two positions."""
    seen, wanted = student(picture, LAYERS), lifted(student, weights, picture)
    for layer in LAYERS:
        few, many = seen[layer].flatten(2)[0], wanted[layer].flatten(2)[0]
        assert (len(few), len(many)) == (WIDTHS[int(layer[4]) - 1], TAUGHT[layer])
        torch.testing.assert_close(few.T @ few, many.T @ many, rtol=1e-4, atol=1e-4)


def test_the_gram_loss_is_that_of_the_lifted_features(
    student: Student, weights: dict[str, Tensor], picture: Tensor
) -> None:
    other = picture.flip(3).square()
    first, second = student(picture, ["relu3_1"])["relu3_1"], student(other, ["relu3_1"])["relu3_1"]
    wide, wider = (lifted(student, weights, image)["relu3_1"] for image in (picture, other))
    torch.testing.assert_close(gram(first, gram_matrix(second)), gram(wide, gram_matrix(wider)), rtol=1e-3, atol=1e-5)


def test_it_is_a_network_like_any_other(student: Student, picture: Tensor) -> None:
    assert student.spec.layers == LAYERS
    assert student.spec.teacher == "vgg19"
    assert [student.spec.smallest_size[layer] for layer in LAYERS] == [1, 2, 4, 8, 8, 16]
    assert list(student(picture, ["relu1_1", "relu4_2"])) == ["relu1_1", "relu4_2"]
    with pytest.raises(SettingsError, match=r"^any has no layer 'relu3_2'\."):
        student(picture, ["relu3_2"])
    assert not any(weight.requires_grad for weight in student.parameters())
    rough = student.to(dtype=torch.bfloat16)
    assert rough(picture, ["relu1_1"])["relu1_1"].dtype == torch.bfloat16


def test_a_file_is_known_by_what_is_in_it(tmp_path: Path, weights: dict[str, Tensor], picture: Tensor) -> None:
    path = tmp_path / "any.safetensors"
    path.write_bytes(student_file(weights))
    found = load(str(path))
    assert (found.spec.name, found.spec.size_bytes) == (str(path), path.stat().st_size)
    exact = Student(student_spec(WIDTHS, "any"), weights)(picture, ["relu5_1"])["relu5_1"]
    seen = found(picture, ["relu5_1"])["relu5_1"]
    assert 0 < (seen - exact).norm() < 0.1 * exact.norm()  # 8 bits


@pytest.mark.parametrize("name", ["conv1_1.bias", "conv3_4.weight", "relu1_1.lift", "relu5_1.lift"])
def test_a_missing_weight_is_named(tmp_path: Path, weights: dict[str, Tensor], name: str) -> None:
    path = tmp_path / "any.safetensors"
    path.write_bytes(student_file({key: weights[key] for key in weights if key != name}))
    with pytest.raises(WeightsError, match=rf"any\.safetensors is no whole student: it has no '{name}'"):
        load(str(path))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("conv3_4.weight", "5x5x3x3 and is 4x5x3x3"),
        ("relu5_1.lift", "512x7 and is 511x7"),
        ("conv2_2.bias", "4 and is 3"),
    ],
)
def test_a_misshapen_weight_is_named(tmp_path: Path, weights: dict[str, Tensor], name: str, told: str) -> None:
    path = tmp_path / "any.safetensors"
    path.write_bytes(student_file(weights | {name: weights[name][1:].clone()}))
    with pytest.raises(WeightsError, match=rf"'{name}' should be {told}$"):
        load(str(path))


def test_numbers_that_are_none_are_refused(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    path = tmp_path / "any.safetensors"
    weights["conv2_1.bias"][0] = float("nan")
    path.write_bytes(student_file(weights))
    with pytest.raises(WeightsError, match=r"'conv2_1\.bias' holds numbers that are not finite"):
        load(str(path))


def test_bytes_that_are_cut_short_are_refused(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    path = tmp_path / "any.safetensors"
    whole = student_file(weights)
    for length in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(WeightsError):
            load(str(path))
