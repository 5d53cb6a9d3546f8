"""Looks, and what is left of the broad light in them."""

import pytest
import torch

from impasto.engine.looks import (
    light_vector,
    lights_from_vector,
    look,
    size_of_a_light,
    vector,
    with_less_light,
)
from impasto.images.light import enlarged, light_of
from impasto.images.packing import packed
from impasto.images.resize import size_of
from impasto.methods import seen
from impasto.methods.seen import Seen
from impasto.networks.feedforward import FeedForward


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return FeedForward((4, 6, 8)).requires_grad_(False)


@pytest.fixture(scope="module")
def picture():
    """Noise under a light that falls off to the right and below."""
    torch.manual_seed(1)
    return packed(
        (torch.rand(1, 3, 96, 128) * torch.linspace(1, 0.2, 128) * torch.linspace(1, 0.6, 96)[:, None]) ** 0.5
    )


@pytest.mark.parametrize("left", [0.5, 0.9])
def test_features_are_those_whose_part_in_the_light_is_less(network, picture, left):
    """By their own covariance: of features from which a share of what goes with the light was taken away."""
    seeing = Seen(network, picture, torch.device("cpu"))
    (full,), lights = seeing.looks([None]), seeing.lights()
    less = with_less_light(full, lights, left)
    cells, _ = light_of(picture)
    ((_, features),) = seeing
    for level, part in enumerate(features):
        lit = enlarged(cells, size_of(part), 0, part.shape[2]).flatten()
        lit = (lit - lit.mean()) / lit.std(correction=0)
        found = part.flatten(2)[0].double()
        slope = ((found - found.mean(1, keepdim=True)) * lit).mean(1, keepdim=True)
        evened = found - (1 - left) * slope * lit
        # What is added to a covariance, so that it has a root, is that of the full look.
        more = (full.roots[level] @ full.roots[level])[0].double() - torch.cov(found, correction=0)
        expected = torch.cov(evened, correction=0) + more
        torch.testing.assert_close((less.roots[level] @ less.roots[level])[0].double(), expected, rtol=1e-3, atol=1e-5)
        mixing = torch.linalg.solve(full.roots[level], full.noise[level])
        torch.testing.assert_close(less.noise[level], less.roots[level] @ mixing, rtol=1e-2, atol=1e-4)
    assert all(torch.equal(one, other) for one, other in zip(less.means, full.means, strict=True))
    assert less.hand is full.hand


def test_all_that_is_left_is_the_look_itself(network, picture):
    seeing = Seen(network, picture, torch.device("cpu"))
    (full,), lights = seeing.looks([None]), seeing.lights()
    assert with_less_light(full, lights, 1.0) is full
    nearly = with_less_light(full, lights, 0.9999)
    assert (vector(nearly) - vector(full)).abs().max() < 1e-3 * vector(full).abs().max()


def test_the_light_of_a_picture_in_tiles_is_that_of_the_whole(network, picture, monkeypatch):
    whole = Seen(network, picture, torch.device("cpu")).lights()
    monkeypatch.setattr(seen, "_LONGEST", 40)
    in_tiles = Seen(network, picture, torch.device("cpu"))
    assert len(in_tiles.tiles) > 4
    for one, other in zip(in_tiles.lights(), whole, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_a_device_without_float64_does_with_less(network, picture, monkeypatch):
    lights = Seen(network, picture, torch.device("cpu")).lights()
    monkeypatch.setattr(seen, "finest", lambda device: torch.float32)
    for one, other in zip(Seen(network, picture, torch.device("cpu")).lights(), lights, strict=True):
        assert one.dtype == torch.float32
        torch.testing.assert_close(one, other.float(), rtol=1e-3, atol=1e-5)


def test_features_of_a_picture_without_light_have_none_of_it(network):
    flat = packed(torch.full((1, 3, 64, 64), 0.5))
    lights = Seen(network, flat, torch.device("cpu")).lights()
    assert all(each.abs().max() < 1e-4 for each in lights)
    less = with_less_light(look(network, torch.rand(1, 3, 64, 64)), lights, 0.5)
    assert vector(less).isfinite().all()


@pytest.mark.parametrize(("breadth", "kept"), [(2.5, 2.5), (float("inf"), 60_000), (float("nan"), 0), (1e9, 60_000)])
def test_light_is_kept_as_numbers(network, picture, breadth, kept):
    lights = Seen(network, picture, torch.device("cpu")).lights()
    numbers = light_vector(breadth, lights)
    assert numbers.shape == (1, size_of_a_light(network))
    assert numbers[0, 0] == kept
    assert numbers.half().isfinite().all()
    for one, other in zip(lights_from_vector(network, numbers), lights, strict=True):
        torch.testing.assert_close(one, other.float())
