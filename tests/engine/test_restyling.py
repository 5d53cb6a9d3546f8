"""Features take on a style's statistics: those, no others, and only where they should."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from impasto.engine.looks import Look, at_strength, from_vector, look, measured, mixed, roots, vector
from impasto.engine.mask import Mask
from impasto.engine.restyling import Restyling, painted_over
from impasto.engine.tiles import tiles
from impasto.losses import Place
from impasto.losses.statistics import Sums, mean_and_covariance
from impasto.networks.feedforward import NOISES, REACH, UNIT, FeedForward


def features(channels: int = 5, size: tuple[int, int] = (12, 16)) -> Tensor:
    """Colored: no two channels alike, none by itself."""
    white = torch.randn(1, channels, *size)
    return torch.einsum("ij,bjhw->bihw", torch.randn(channels, channels), white) + torch.randn(1, channels, 1, 1)


def looks_like(features: Tensor, noise: float = 0.0) -> Look:
    """The look of one level, with so much noise in every channel."""
    mean, covariance = mean_and_covariance(features)
    mixing = mean.new_full((*mean.shape[:2], NOISES), noise)
    return Look([mean], [roots(mean, covariance)[0]], [mixing], torch.zeros(len(mean), 0, 1))


def test_roots_are_those_of_an_eigenvalue_decomposition() -> None:
    mean, covariance = mean_and_covariance(features(24, (40, 40)))
    root, inverse = roots(mean, covariance)
    values, vectors = torch.linalg.eigh(covariance.double())
    more = values + 0.02 * values.mean()
    for found, power in ((root, 0.5), (inverse, -0.5)):
        expected = vectors @ torch.diag_embed(more**power) @ vectors.mT
        assert (found - expected).norm() / expected.norm() < 0.02


def test_roots_do_not_depend_on_scale_and_bear_nothing() -> None:
    mean, covariance = mean_and_covariance(features())
    large, small = roots(1e4 * mean, 1e8 * covariance)[0], roots(mean, covariance)[0]
    torch.testing.assert_close(large, 1e4 * small, rtol=1e-4, atol=1)
    for level in (0.0, 1e4):
        assert all(each.isfinite().all() for each in roots(torch.full((1, 4, 1), level), torch.zeros(1, 4, 4)))


def test_roots_are_the_same_whether_anything_is_learned_of_them_or_not() -> None:
    many, few, alone = features(24, (40, 40)), features(24, (3, 3)), features(24, (1, 1)).expand(-1, -1, 4, 4)
    for seen in (many, few, alone, many * torch.logspace(-4, 4, 24)[:, None, None]):
        mean, covariance = mean_and_covariance(seen)
        known, learned = roots(mean, covariance), roots(mean, covariance.clone().requires_grad_())
        for one, other in zip(known, learned, strict=True):
            assert other.requires_grad
            assert (one - other).norm() < 1e-3 * other.norm()


def test_roots_of_no_numbers_are_none() -> None:
    assert all(each.isnan().all() for each in roots(torch.zeros(1, 4, 1), torch.full((1, 4, 4), torch.nan)))


def test_what_varies_little_about_a_large_mean_is_measured_with_all_digits() -> None:
    precise = features(6, (200, 300)).double()
    for mean in (0.0, 1e3):
        about = (mean + precise * 1e-2).float()
        table = measured(about, Place.whole(about))
        found, wanted = mean_and_covariance(Sums(table)), mean_and_covariance(about.double())
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-7)


def test_the_statistics_become_the_styles() -> None:
    own, style = features(), features()
    moved = Restyling([(None, looks_like(style))])(0, own)
    for found, wanted in zip(mean_and_covariance(moved), mean_and_covariance(style), strict=True):
        assert (found - wanted).norm() / wanted.norm() < 0.1


def test_a_picture_in_its_own_look_stays_as_it_is() -> None:
    own = features()
    moved = Restyling([(None, looks_like(own))])(0, own)
    assert (moved - own).norm() / own.norm() < 0.05


def test_strength_goes_from_the_own_look_to_the_styles_for_each_picture() -> None:
    own, style = (looks_like(features().repeat(3, 1, 1, 1)) for _ in range(2))
    between = at_strength(own, style, torch.tensor([0.0, 0.5, 1.0])[:, None, None])
    for found, first, last in zip(
        between.roots + between.means, own.roots + own.means, style.roots + style.means, strict=True
    ):
        torch.testing.assert_close(found[0], first[0])
        torch.testing.assert_close(found[1], (first[1] + 3 * last[1]) / 4)
        torch.testing.assert_close(found[2], last[2])


def test_the_ends_of_a_blend_are_the_styles_and_its_middle_lies_between() -> None:
    first, second = looks_like(features()), looks_like(features())
    for shares, expected in (((1.0, 0.0), first), ((0.0, 1.0), second)):
        assert torch.equal(mixed([first, second], shares).roots[0], expected.roots[0])
    middle = mixed([first, second], (0.5, 0.5))
    torch.testing.assert_close(middle.means[0], (first.means[0] + second.means[0]) / 2)


def test_a_look_comes_back_from_its_numbers() -> None:
    network = FeedForward((4, 6, 8))
    known = look(network, torch.rand(2, 3, 64, 64))
    back = from_vector(network, vector(known))
    for name in ("means", "roots", "noise"):
        for found, expected in zip(getattr(back, name), getattr(known, name), strict=True):
            torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    assert vector(known).shape == (2, 4 + 6 + 8 + 10 + 21 + 36)


def test_regions_do_not_leak() -> None:
    """What is outside a region changes neither its statistics nor its features, and stays as it is."""
    own, left = features(size=(8, 16)), torch.zeros(1, 1, 8, 16)
    left[..., :8] = 1
    other = own.clone()
    other[..., 8:] = features(size=(8, 8))
    parts = [(Mask(left), looks_like(features()))]
    first, second = (Restyling(parts)(0, each) for each in (own, other))
    torch.testing.assert_close(first[..., :8], second[..., :8])
    torch.testing.assert_close(second[..., 8:], other[..., 8:])
    alone = Restyling([(None, parts[0][1])])(0, own[..., :8].contiguous())
    torch.testing.assert_close(first[..., :8], alone, atol=1e-4, rtol=1e-4)


def test_noise_has_the_colors_of_the_style_and_is_still_where_there_is_no_style() -> None:
    torch.manual_seed(2)
    own, style = features(size=(128, 128)), features(size=(128, 128))
    mixing = 0.5 * torch.randn(5, NOISES)
    calm = looks_like(style)
    noisy = replace(calm, noise=[calm.roots[0] @ mixing])
    added = Restyling([(None, noisy)])(0, own) - Restyling([(None, calm)])(0, own)
    mean, covariance = mean_and_covariance(added)
    expected = noisy.noise[0] @ noisy.noise[0].mT
    assert mean.abs().max() < 0.1
    assert (covariance - expected).norm() / expected.norm() < 0.1
    still = [Restyling([(None, at_strength(looks_like(own), each, 0.0))])(0, own) for each in (calm, noisy)]
    assert torch.equal(*still)


def test_noise_begins_at_the_origin() -> None:
    look = looks_like(features(), noise=0.5)
    flat = torch.zeros(1, 5, 12, 16)
    far, near = Restyling([(None, look)], (7, 300))(0, flat), Restyling([(None, look)], (3, 298))(0, flat)
    torch.testing.assert_close(far[..., :8, :10], near[..., 4:, 2:12])
    assert not torch.equal(far, near)


def test_a_mask_of_ones_is_no_mask() -> None:
    own, style = features(), looks_like(features())
    masked = Restyling([(Mask(torch.ones(1, 1, 12, 16)), style)])(0, own)
    torch.testing.assert_close(masked, Restyling([(None, style)])(0, own))


def test_what_is_measured_of_parts_adds_up() -> None:
    own, where = features(size=(12, 16)), Mask(torch.rand(1, 1, 12, 16))
    upper, lower = own[:, :, :5], own[:, :, 5:]
    parts = measured(upper, Place(0, 0, 12, 16), where) + measured(lower, Place(5, 0, 12, 16), where)
    torch.testing.assert_close(parts, measured(own, Place.whole(own), where), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("masked", [False, True])
def test_tiles_are_moved_as_the_whole_is(masked: bool) -> None:
    torch.manual_seed(1)
    network, size = FeedForward((4, 6, 8)).eval(), (2 * REACH + 5 * UNIT, 3 * UNIT)
    image, style = torch.rand(1, 3, *size), torch.rand(1, 3, 64, 64)
    where = Mask(torch.rand(1, 1, *size).round()) if masked else None
    cuts = tiles(size, 2 * REACH + 2 * UNIT, REACH, UNIT)
    assert len(cuts) > 1
    with torch.no_grad():
        parts = [(where, look(network, style))]
        whole, tiled = Restyling(parts), Restyling(parts)
        expected = network(image, whole)
        for level in (2, 1, 0):
            each = []
            for tile in cuts:
                seen = network.before(level, network.encoded(tile.crop(image)), tiled.within(tile))
                each.append(tiled.measured(*tile.features(seen, 2 ** (level + 1))))
            tiled.learn(level, [torch.stack(tables).sum(0) for tables in zip(*each, strict=True)])
        for tile in cuts:
            found, place = tile.features(network(tile.crop(image), tiled.within(tile)), 1)
            torch.testing.assert_close(found, place.cut(expected, found), atol=1e-4, rtol=0)


def test_seven_tenths_of_a_smaller_painting_show_at_full_strength_and_none_at_0() -> None:
    photos, paintings = torch.full((3, 3, 8, 8), 0.2), torch.full((3, 3, 4, 4), 0.6)
    shown = painted_over(photos, paintings, torch.tensor([0.0, 0.5, 1.0])[:, None, None, None])
    torch.testing.assert_close(shown[:, 0, 0, 0], torch.tensor([0.2, 0.34, 0.48]))


def test_the_roots_have_a_gradient() -> None:
    base = features(4).double()
    assert torch.autograd.gradcheck(
        lambda own: Restyling([(None, looks_like(base))])(0, own),
        base[:, :, :3, :3].contiguous().requires_grad_(),
        atol=1e-4,
    )
