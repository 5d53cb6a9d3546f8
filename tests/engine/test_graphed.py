import itertools

import pytest
import torch
from engine.fakes import SmallNetwork

from impasto.engine import graphed as module
from impasto.engine.graphed import Graphed, graphed
from impasto.engine.objective import Objective, View
from impasto.engine.solvers import lbfgs
from impasto.engine.terms import loss_terms
from impasto.engine.tiles import one_tile, tiles
from impasto.losses import STYLE_LOSSES
from impasto.settings import SolverSettings

IMAGE = torch.rand(1, 3, 12, 16, generator=torch.Generator().manual_seed(1)) * 0.8 + 0.1


def objective(cut=one_tile):
    network = SmallNetwork()
    other = torch.rand(1, 3, 10, 10, generator=torch.Generator().manual_seed(2))
    seen = [{"fine": network(other, ["fine"])["fine"]}]
    return Objective([View(network, loss_terms("style", STYLE_LOSSES["gram"][0], seen, {"fine": 1.0}, 1.0))], cut)


class Captures:
    """In place of a card: repeats a look, and counts."""

    def __init__(self):
        self.captured = self.repeated = 0

    def __call__(self, look, image):
        self.captured += 1

        def repeated(image):
            self.repeated += 1
            return look(image)

        return repeated


def searched(objective, steps=14):
    return [step.image for step in itertools.islice(lbfgs(IMAGE, objective, SolverSettings()), steps)]


def test_a_search_is_captured_once_and_then_repeated():
    captures = Captures()
    found = searched(Graphed(objective(), captures))
    assert captures.captured == 1
    assert captures.repeated == 14 - module._PLAIN
    for one, other in zip(found, searched(objective()), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("error", [RuntimeError, torch.OutOfMemoryError])
def test_what_cannot_be_captured_is_looked_at_as_before(error):
    tries = []

    def capture(look, image):
        tries.append(image)
        raise error

    found = searched(Graphed(objective(), capture))
    assert len(tries) == 1
    for one, other in zip(found, searched(objective()), strict=True):
        assert torch.equal(one, other)


def test_a_picture_in_tiles_is_not_captured():
    captures = Captures()
    searched(Graphed(objective(lambda picture: tiles(picture, 10, 3, 2)), captures))
    assert captures.captured == 0


def test_it_tells_the_losses_that_the_objective_tells():
    plain = objective()
    assert Graphed(plain, Captures())(IMAGE) == plain(IMAGE)


def test_the_processor_captures_nothing():
    plain = objective()
    assert graphed(plain, torch.device("cpu")) is plain
    assert isinstance(graphed(plain, torch.device("cuda")), Graphed)
