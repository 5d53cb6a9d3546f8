import math

import pytest
import torch
from engine.fakes import SmallNetwork

from impasto.engine.objective import Objective, View
from impasto.engine.sights import NEIGHBORS, Sight
from impasto.engine.terms import Summed, Term, loss_terms
from impasto.losses import CONTENT_LOSSES, STYLE_LOSSES, Place, content, gram, gram_target, total_variation

IMAGE = torch.rand(1, 3, 12, 16, generator=torch.Generator().manual_seed(1))
OTHER = torch.rand(1, 3, 10, 10, generator=torch.Generator().manual_seed(2))


def style_terms(network, weights, weight=1.0):
    return loss_terms("style", STYLE_LOSSES["gram"][0], [network(OTHER, list(weights))], weights, weight)


def value(term, features):
    """The term's value, unweighted, for features that a network might give."""
    sight = term.sight
    part = sight.reduce(features, Place.whole(features), sight.plan((features.shape[2], features.shape[3]), "cpu"))
    return term.loss(sight.reduce.shown(part)).item()


def test_the_terms_are_the_weighted_relative_losses():
    network = SmallNetwork()
    terms = style_terms(network, {"fine": 3.0, "coarse": 1.0}, weight=8)
    terms.insert(0, Term("tv", 5.0, Sight(NEIGHBORS, Summed(total_variation)), lambda total: total))
    values = Objective([View(network, terms)])(IMAGE)
    features, target = network(IMAGE, ["fine"])["fine"], gram_target(network(OTHER, ["fine"])["fine"])
    assert list(values) == ["tv", "style fine", "style coarse"]
    torch.testing.assert_close(values["style fine"], 8 * 3 / 4 * gram(features, target) / target.square().sum())
    torch.testing.assert_close(values["tv"], 5 * total_variation(IMAGE))


def test_a_black_feature_map_is_wrong_by_one():
    for loss in (STYLE_LOSSES["gram"][0], CONTENT_LOSSES["features"]):
        features = torch.rand(1, 4, 6, 6)
        (term,) = loss_terms("any", loss, [{"a": features}], {"a": 2.0}, 1.0)
        assert value(term, torch.zeros_like(features)) == pytest.approx(1)
        assert value(term, features) == 0


@pytest.mark.parametrize("scale", [0.01, 30.0])
def test_a_network_with_larger_features_weighs_the_same(scale):
    def values(network):
        return Objective([View(network, style_terms(network, {"fine": 1.0, "coarse": 1.0}))])(IMAGE)

    plain, scaled = values(SmallNetwork()), values(SmallNetwork(scale))
    for name in plain:
        torch.testing.assert_close(plain[name], scaled[name], rtol=1e-4, atol=1e-6)


def test_one_pass_serves_both_roles():
    network = SmallNetwork()
    terms = style_terms(network, {"fine": 1.0})
    terms += loss_terms("content", CONTENT_LOSSES["features"], [network(IMAGE, ["coarse"])], {"coarse": 1.0}, 1.0)
    objective = Objective([View(network, terms)])
    before = network.passes
    values = objective(IMAGE)
    assert network.passes == before + 1
    assert values["content coarse"].item() == 0


def test_a_target_without_features_does_not_divide_by_zero():
    (term,) = loss_terms("content", CONTENT_LOSSES["features"], [{"a": torch.zeros(1, 2, 3, 3)}], {"a": 1.0}, 1.0)
    assert math.isfinite(value(term, torch.ones(1, 2, 3, 3)))


def test_gradients_reach_the_pixels():
    network = SmallNetwork().double()
    features = network(OTHER.double(), ["coarse"])
    terms = loss_terms("style", STYLE_LOSSES["gram"][0], [features], {"coarse": 1.0}, 1.0)
    view = Objective([View(network, terms)])
    image = IMAGE.double().requires_grad_()
    (gradient,) = torch.autograd.grad(view(image)["style coarse"], image)
    step = 1e-3 * gradient / gradient.norm()
    with torch.no_grad():
        fall = view(image + step)["style coarse"] - view(image - step)["style coarse"]
    assert fall.item() == pytest.approx(2e-3 * gradient.norm().item(), rel=1e-2)


def test_content_of_itself_is_free():
    features = torch.rand(1, 2, 3, 3)
    assert content(features, features).item() == 0
