"""The hand of a style: what changes of a network's filters paint it."""

import pytest
import torch
from torch import Tensor

from impasto.engine.looks import at_strength, look, measured, own_look_of, spreads_of
from impasto.engine.restyling import Restyling, paint
from impasto.losses import Place
from impasto.networks.adaptation import adapted
from impasto.networks.feedforward import FeedForward
from impasto.networks.hand import CHANGES, PaintingConvolution


@pytest.fixture(scope="module")
def network() -> FeedForward:
    torch.manual_seed(0)
    network = FeedForward((4, 6, 8)).eval().requires_grad_(False)
    for part in network.modules():
        if isinstance(part, PaintingConvolution):
            part.wide.normal_(std=0.1)
    return network


@pytest.fixture(scope="module")
def pictures() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.rand(2, 3, 32, 64, generator=generator), torch.rand(2, 3, 48, 32, generator=generator) ** 2


def test_every_picture_of_a_batch_is_painted_by_the_hand_of_its_own_style(network: FeedForward, pictures) -> None:
    photos, styles = pictures
    strengths = torch.tensor([0.5, 1.0])
    together = paint(network, photos, look(network, styles), strengths[:, None, None])
    for number in range(2):
        photo, style = (each[number : number + 1] for each in (photos, styles))
        alone = paint(network, photo, look(network, style), strengths[number].item())
        torch.testing.assert_close(alone[0], together[number], atol=1e-5, rtol=0)


def test_a_network_with_a_hand_paints_as_one_that_is_given_it(network: FeedForward, pictures) -> None:
    photo, style = (each[:1] for each in pictures)
    own, known = look(network, photo), look(network, style)
    aim = at_strength(own, known, 0.7)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    painted = adapted(network, [], aim.hand)(photo, Restyling([(None, aim)]))
    torch.testing.assert_close(painted, paint(network, photo, known, 0.7), atol=1e-6, rtol=0)
    assert (painted - network(photo, Restyling([(None, aim)]))).abs().max() > 1e-3, "the hand does something"
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())


def test_no_convolution_answers_to_the_changes_of_another(network: FeedForward) -> None:
    parts = [part for part in network.modules() if isinstance(part, PaintingConvolution)]
    taken = [place for part in parts for place in range(part.own.start, part.own.stop)]
    assert taken == [*range(len(parts) * CHANGES)]
    image = torch.rand(1, 3, 32, 32)
    assert look(network, image).hand.shape == (1, len(taken), 1)


def test_at_no_strength_there_is_no_hand_and_between_styles_there_is_one_between(
    network: FeedForward, pictures
) -> None:
    own, style = (look(network, each[:1]) for each in pictures)
    assert not at_strength(own, style, 0.0).hand.any()
    torch.testing.assert_close(at_strength(own, style, 0.5).hand, 0.75 * style.hand)


def test_a_photo_has_a_look_of_its_own_without_noise_or_a_hand(network: FeedForward, pictures) -> None:
    photo = pictures[0]
    own = own_look_of(spreads_of(network, [measured(each, Place.whole(each)) for each in network.encoded(photo)]))
    seen = look(network, photo)
    torch.testing.assert_close([*own.means, *own.roots], [*seen.means, *seen.roots], atol=1e-5, rtol=1e-4)
    assert own.hand is None
    assert [each.shape for each in own.noise] == [each.shape for each in seen.noise]
    assert not any(each.any() for each in own.noise)


def test_a_style_with_other_features_has_another_hand_and_their_scale_says_nothing(network: FeedForward) -> None:
    first, second = (look(network, torch.rand(1, 3, 32, 32) ** power) for power in (1, 3))
    assert (first.hand - second.hand).abs().max() > 1e-3
    larger = network.hand([8 * mean for mean in first.means], [8 * root for root in first.roots])
    torch.testing.assert_close(larger, first.hand, atol=1e-5, rtol=1e-4)
