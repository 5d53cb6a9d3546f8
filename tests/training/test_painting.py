"""What is common to all who teach a network that paints."""

import pytest
import torch
from torch import Tensor

from impasto.networks.feedforward import FeedForward
from impasto.training.painting import Learner, drift


@pytest.fixture
def given() -> tuple[Tensor, ...]:
    photos, styles = torch.rand(2, 2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    return photos, styles, torch.tensor([0.5, 1.0]), torch.tensor([0, 0])


def measured(learner: Learner, given: tuple[Tensor, ...], over: bool) -> list[Tensor]:
    with learner.sizes() as sizes:
        learner(*given, over)
    return sizes


def test_drift_by_hand() -> None:
    assert drift([torch.tensor(1.0), torch.tensor(1.0)]) == 0
    torch.testing.assert_close(drift([torch.tensor(1.0).exp(), torch.tensor(-3.0).exp()]), torch.tensor(5.0))
    assert drift([torch.tensor(0.0)]).isfinite()


def test_sizes_are_those_of_the_painting_that_is_learned_from(given: tuple[Tensor, ...]) -> None:
    learner = Learner(FeedForward((4, 6, 8)))
    sizes = measured(learner, given, False)
    assert len(sizes) == 3 + 3 + 2, "of the styles, the photos, and what is painted"
    assert len(measured(learner, given, True)) == len(sizes), "not of the smaller painting below it"
    torch.testing.assert_close(sizes[0], learner.network.encoded(given[1])[0].square().mean())
    learner(*given, False)
    assert len(sizes) == 8, "nor of what comes later"


def test_every_level_is_held_to_its_size(given: tuple[Tensor, ...]) -> None:
    learner = Learner(FeedForward((4, 6, 8)))
    far, network = drift(measured(learner, given, False)), learner.network
    for part in (network.enter, network.down[0], network.down[1], network.up[0], network.up[1]):
        (slope,) = torch.autograd.grad(far, part.weight, retain_graph=True)
        assert slope.abs().max() > 0
