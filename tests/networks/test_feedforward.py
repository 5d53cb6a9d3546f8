"""A network that paints: its geometry, its file, and what is refused."""

from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor

from impasto.errors import WeightsError
from impasto.networks.feedforward import LEVELS, REACH, UNIT, FeedForward, feedforward_file, load_feedforward


def unchanged(level: int, features: Tensor) -> Tensor:
    return features


@pytest.fixture(scope="module")
def network() -> FeedForward:
    torch.manual_seed(0)
    return FeedForward((4, 6, 8)).eval()


@pytest.mark.parametrize("size", [(32, 32), (40, 88)])
def test_a_painting_has_the_size_of_the_picture_and_stays_in_its_range(
    network: FeedForward, size: tuple[int, int]
) -> None:
    painted = network(torch.rand(2, 3, *size), unchanged)
    assert painted.shape == (2, 3, *size)
    assert 0 <= painted.min() <= painted.max() <= 1


def test_each_level_is_asked_for_once_coarsest_first_at_its_own_size(network: FeedForward) -> None:
    asked = []

    def restyle(level: int, features: Tensor) -> Tensor:
        asked.append((level, tuple(features.shape)))
        return features

    network(torch.rand(1, 3, 32, 48), restyle)
    assert asked == [(2, (1, 8, 4, 6)), (1, (1, 6, 8, 12)), (0, (1, 4, 16, 24))]


@pytest.mark.parametrize("level", range(LEVELS))
def test_before_a_level_comes_what_it_is_given(network: FeedForward, level: int) -> None:
    image, given = torch.rand(1, 3, 32, 32), {}

    def restyle(asked: int, features: Tensor) -> Tensor:
        given[asked] = features
        return 2 * features

    network(image, restyle)
    torch.testing.assert_close(network.before(level, network.encoded(image), restyle), given[level])


def test_no_pixel_sees_farther_than_is_said(network: FeedForward) -> None:
    """A change of one pixel changes nothing beyond the reach, and something near it."""
    size = 2 * REACH + 8 * UNIT
    image = torch.rand(1, 3, size, size)
    other = image.clone()
    other[:, :, size // 2, size // 2] = 1 - other[:, :, size // 2, size // 2]
    rows = (network(image, unchanged) - network(other, unchanged)).abs().amax((0, 1, 3)).nonzero().flatten()
    assert 0 < rows.max() - rows.min() <= 2 * REACH + UNIT


def test_a_coarser_level_that_is_all_below_zero_is_not_lost() -> None:
    """It still reaches the picture, and learns: rectified to nothing it could not come back."""
    network, given = FeedForward((4, 6, 8)).requires_grad_(False), {}
    for block in (network.paint[1], *network.paint[2]):
        block.second.weight.zero_()  # what such a level is given, it gives on

    def lowered(level: int, features: Tensor) -> Tensor:
        given[level] = (features - features.max() - 0.1 if level else features).requires_grad_()
        return given[level]

    gradients = torch.autograd.grad(network(torch.rand(1, 3, 32, 32), lowered).sum(), [*given.values()])
    assert given[1].max() < 0
    assert given[2].max() < 0
    assert all(gradient.abs().max() > 0 for gradient in gradients)


@pytest.mark.parametrize("level", range(LEVELS))
def test_every_level_of_the_network_that_comes_with_impasto_reaches_the_picture(level: int) -> None:
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))

    def as_it_is(_: int, features: Tensor) -> Tensor:
        return features

    def turned_off(asked: int, features: Tensor) -> Tensor:
        return torch.zeros_like(features) if asked == level else features

    shipped = load_feedforward()
    assert (shipped(image, as_it_is) - shipped(image, turned_off)).abs().mean() > 0.01


def test_a_new_network_paints_no_grid() -> None:
    """The four pixels of a square are alike where nothing was learned."""
    painted = FeedForward((4, 6, 8))(torch.rand(1, 3, 32, 32), unchanged)
    assert torch.equal(painted[..., ::2, ::2], painted[..., 1::2, 1::2])


def test_a_file_gives_the_network_back_but_for_half_precision(network: FeedForward, tmp_path: Path) -> None:
    path = tmp_path / "painter.safetensors"
    path.write_bytes(feedforward_file(network))
    image = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(load_feedforward(path)(image, unchanged), network(image, unchanged), atol=2e-3, rtol=0)


def test_files_of_other_kinds_and_damaged_ones_are_refused(network: FeedForward, tmp_path: Path) -> None:
    path = tmp_path / "painter.safetensors"
    with pytest.raises(WeightsError, match="there is no file"):
        load_feedforward(path)
    path.write_bytes(safetensors.torch.save({"enter.bias": torch.zeros(3)}))
    with pytest.raises(WeightsError, match="holds no network that paints"):
        load_feedforward(path)
    whole = feedforward_file(network)
    tensors, mark = safetensors.torch.load(whole), {"format": "impasto feedforward 1"}
    fewer = {name: tensor for name, tensor in tensors.items() if name != "leave.bias"}
    other = tensors | {"leave.bias": torch.zeros(7)}
    infinite = tensors | {"leave.bias": torch.full((12,), float("inf"))}
    for content in (*(safetensors.torch.save(each, mark) for each in (fewer, other, infinite)), whole[:-40]):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match=r"train it again|holds no network"):
            load_feedforward(path)


def test_each_one_that_is_loaded_is_a_network_of_its_own() -> None:
    first, second = load_feedforward(), load_feedforward()
    with torch.no_grad():
        first.enter.weight.zero_()
    assert first.fingerprint == second.fingerprint != ""
    assert second.enter.weight.abs().sum() > 0
    assert load_feedforward().enter.weight.abs().sum() > 0
