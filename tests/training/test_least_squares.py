import pytest
import torch

from impasto.networks.student import LAYERS
from impasto.networks.vgg import VGG19, Vgg, convolutions, vgg_spec
from impasto.training.least_squares import begin, fit_lifts
from impasto.training.trainee import Trainee, centered

WIDTH = 4


@pytest.fixture
def teacher() -> Vgg:
    """A VGG-19 in which only `WIDTH` channels of each layer are ever more than zero."""
    draw = torch.Generator().manual_seed(1)
    weights = {}
    for convolution in convolutions(VGG19):
        out, into = convolution.shape[:2]
        weight, bias = torch.zeros(convolution.shape), torch.full((out,), -1.0)
        chosen = torch.randperm(out, generator=draw)[:WIDTH]
        weight[chosen] = torch.randn(WIDTH, into, 3, 3, generator=draw) * (2 / (9 * min(into, WIDTH))) ** 0.5
        bias[chosen] = 0.1
        weights |= {f"{convolution.name}.weight": weight, f"{convolution.name}.bias": bias}
    return Vgg(vgg_spec(VGG19, "sparse"), weights)


def test_what_can_be_learned_at_all_is_learned_without_training(teacher: Vgg) -> None:
    """The student has as many channels as the teacher uses, so nothing need be left."""
    pictures = torch.rand(6, 3, 96, 96, generator=torch.Generator().manual_seed(2))
    trainee = Trainee((WIDTH,) * 5)
    begin(trainee, teacher, pictures, seed=0)
    taught = teacher(pictures, LAYERS)
    fit_lifts(trainee, pictures, taught)
    with torch.no_grad():
        for layer, seen in trainee(pictures).items():
            wanted = taught[layer] / trainee.spread(layer)
            error = (seen - wanted).square().mean() / (wanted - wanted.mean((0, 2, 3), keepdim=True)).square().mean()
            assert error < 1e-2, (layer, error)


def test_features_and_lifts_are_about_one(teacher: Vgg) -> None:
    """So that one length of step suits them all."""
    pictures = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(2))
    trainee = Trainee((WIDTH,) * 5)
    begin(trainee, teacher, pictures, seed=0)
    fit_lifts(trainee, pictures, teacher(pictures, LAYERS))
    x = centered(pictures)
    with torch.no_grad():
        for convolution in trainee.convolutions:
            x = trainee.step(x, convolution)
            assert x.square().mean().sqrt().item() == pytest.approx(1, rel=0.1), convolution.name
    for layer, lift in trainee.lifts.items():
        assert lift.abs().max().item() < 100, layer
