"""Noise that is the same at a position, however it is asked for."""

import torch

from impasto.engine.looks import look
from impasto.engine.noise import noise_at
from impasto.engine.restyling import paint
from impasto.losses import Place
from impasto.networks.feedforward import NOISES, FeedForward


def noise(top=0, left=0, size=(20, 30), origin=(0, 0), level=0):
    place = Place(top, left, 300, 400)
    found = noise_at(level, torch.zeros(1, 4, *size), place, origin, None)
    assert found.shape == (1, size[0] * size[1], NOISES + 1)
    assert (found[..., -1] == 1).all()
    return found[..., :-1].view(*size, NOISES)


def test_a_tile_has_the_noise_of_its_place() -> None:
    whole = noise(size=(300, 400))
    for top, left in ((0, 0), (16, 8), (270, 360)):
        assert torch.equal(noise(top, left), whole[top : top + 20, left : left + 30])


def test_levels_differ_and_noise_is_spread_as_it_should_be() -> None:
    first, second = noise(size=(200, 200)), noise(size=(200, 200), level=1)
    assert abs(first.std() - 1) < 0.02
    assert abs((first * second).mean()) < 0.02


def test_an_origin_that_is_a_tensor_is_the_same_one() -> None:
    for origin in ((0, 0), (3, 70_000)):
        assert torch.equal(noise(origin=origin), noise(origin=torch.tensor(origin)))


def test_what_painting_has_kept_can_be_learned_from() -> None:
    with torch.inference_mode():
        noise(size=(7, 5))
    weight = torch.ones((), requires_grad=True)
    (noise(size=(7, 5)) * weight).sum().backward()
    assert weight.grad is not None


def test_what_is_kept_is_not_changed_by_who_gets_it() -> None:
    network = FeedForward((4, 6, 8))
    features, photo, style = torch.zeros(1, 4, 32, 32), torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64)
    before = noise_at(0, features, Place.whole(features), (0, 0), None).clone()
    with torch.no_grad():
        paint(network, photo, look(network, style), 0.8)
    assert torch.equal(noise_at(0, features, Place.whole(features), (0, 0), None), before)
