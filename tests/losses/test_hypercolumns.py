import pytest
import torch

from impasto.losses import Hypercolumns, Sums
from impasto.losses.statistics import sums


def features(seed=1, scale=1.0):
    draw = torch.Generator().manual_seed(seed)
    return {
        "fine": scale * torch.rand(1, 4, 64, 96, generator=draw),
        "coarse": 7 * torch.rand(1, 8, 4, 6, generator=draw),
    }


def like(seen, weights):
    return Hypercolumns.like([{name: Sums(sums(each)) for name, each in seen.items()}], weights)


def test_a_column_every_four_pixels_with_all_channels():
    columns = like(features(), {"fine": 1.0, "coarse": 1.0})
    assert columns(features(), (64, 96)).shape == (1, 12, 16, 24)


def test_a_large_picture_has_no_more_than_16384_columns():
    columns = like(features(), {"coarse": 1.0})
    height, width = columns(features(), (4000, 6000)).shape[2:]
    assert (height, width) == (100, 150)  # every 40 pixels: every 36 would be 18,537
    assert 15000 <= height * width <= 16384
    assert width / height == pytest.approx(1.5, rel=0.02)


@pytest.mark.parametrize("scale", [0.01, 1.0, 300.0])
def test_layers_count_by_their_weights_whatever_the_size_of_their_features(scale):
    seen = features(scale=scale)
    columns = like(seen, {"fine": 3.0, "coarse": 1.0})
    energy = {name: (columns.factors[name] * seen[name]).square().sum(1).mean().item() for name in seen}
    assert energy["fine"] == pytest.approx(3.0, rel=1e-3)
    assert energy["coarse"] == pytest.approx(1.0, rel=1e-3)


def test_what_is_averaged_and_what_is_enlarged_stay_in_their_place():
    seen = {"fine": torch.zeros(1, 1, 64, 96), "coarse": torch.zeros(1, 1, 4, 6)}
    seen["fine"][..., 32:, :] = 1
    seen["coarse"][..., 2:, :] = 1
    columns = Hypercolumns({"fine": 1.0, "coarse": 1.0})(seen, (64, 96))
    assert columns[0, 0, 7, 3] == 0
    assert columns[0, 0, 8, 3] == 1
    assert columns[0, 1, 5, 3] == 0
    assert columns[0, 1, 10, 3] == 1


def test_the_gradient_is_that_of_the_columns():
    columns = Hypercolumns({"fine": 2.0, "coarse": 0.5})
    draw = torch.Generator().manual_seed(1)
    sizes = [(1, 2, 17, 13), (1, 2, 2, 1)]
    seen = [torch.rand(*size, dtype=torch.float64, generator=draw).requires_grad_() for size in sizes]
    assert torch.autograd.gradcheck(lambda fine, coarse: columns({"fine": fine, "coarse": coarse}, (17, 13)), seen)
