"""What a network has learned of a style: a small change of its decoder alone."""

import pytest
import torch
from torch import Tensor

from impasto.networks.adaptation import adapted, begun, changed
from impasto.networks.feedforward import FeedForward, load_feedforward

Learned = dict[str, Tensor]


def as_it_is(level: int, features: Tensor) -> Tensor:
    return features


@pytest.fixture(scope="module")
def network() -> FeedForward:
    return load_feedforward()


@pytest.fixture(scope="module")
def learned(network: FeedForward) -> Learned:
    chance = torch.Generator().manual_seed(0)
    return {
        name: part + 0.05 * torch.randn(part.shape, generator=chance) for name, part in begun(network, chance).items()
    }


@pytest.fixture(scope="module")
def picture() -> Tensor:
    return torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1))


def test_what_has_learned_nothing_paints_as_before(network: FeedForward, picture: Tensor) -> None:
    nothing = begun(network, torch.Generator())
    for copy in (adapted(network, []), adapted(network, [(nothing, 1.0)])):
        assert torch.equal(copy(picture, as_it_is), network(picture, as_it_is))
        assert copy.fingerprint == network.fingerprint


def test_a_weight_is_changed_by_the_product_and_by_its_share(network: FeedForward, learned: Learned) -> None:
    weights = changed(network, learned, 0.25)
    change = weights["up.1.weight"] - network.get_parameter("up.1.weight")
    product = (learned["up.1.wide"] @ learned["up.1.thin"]).view(64, 128, 3, 3)
    torch.testing.assert_close(change, 0.25 * product, atol=1e-6, rtol=1e-4)
    assert torch.linalg.matrix_rank(change.flatten(1)) == 4
    added = weights["leave.bias"] - network.get_parameter("leave.bias")
    torch.testing.assert_close(added, 0.25 * learned["leave.bias"], atol=1e-6, rtol=1e-4)
    noise = weights["noise.2"] - network.get_parameter("noise.2")
    torch.testing.assert_close(noise, learned["noise.2"], atol=1e-6, rtol=1e-4)


def test_shares_add_up_and_the_network_itself_stays(network: FeedForward, learned: Learned, picture: Tensor) -> None:
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    whole, halves = adapted(network, [(learned, 1.0)]), adapted(network, [(learned, 0.5), (learned, 0.5)])
    painted = whole(picture, as_it_is)
    assert (painted - network(picture, as_it_is)).abs().mean() > 0.01
    torch.testing.assert_close(halves(picture, as_it_is), painted, atol=1e-4, rtol=0)
    for name, weight in network.state_dict().items():
        assert torch.equal(weight, before[name])


def test_what_it_sees_of_pictures_stays_the_same(network: FeedForward, learned: Learned, picture: Tensor) -> None:
    seen = zip(adapted(network, [(learned, 1.0)]).encoded(picture), network.encoded(picture), strict=True)
    assert all(torch.equal(one, other) for one, other in seen)


def test_quick_convolutions_take_the_new_weights(network: FeedForward, learned: Learned) -> None:
    """They keep what they have made of the old ones."""
    large = torch.rand(1, 3, 256, 256)
    with torch.inference_mode():
        network(large, as_it_is)
        quick = adapted(network, [(learned, 1.0)])(large, as_it_is)
        fresh = FeedForward()
        fresh.load_state_dict(network.state_dict() | changed(network, learned))
        torch.testing.assert_close(quick, fresh.requires_grad_(False)(large, as_it_is), atol=1e-3, rtol=0)
