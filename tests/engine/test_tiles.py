"""What is seen tile by tile is what is seen of the whole."""

import pytest
import torch
from engine.fakes import SmallNetwork
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.mask import Mask
from impasto.engine.pyramid import Level
from impasto.engine.regions import regions, whole
from impasto.engine.roles import Role, Roles
from impasto.engine.targets import Targets
from impasto.engine.tiles import one_tile, tiles, with_less_at_a_time
from impasto.losses import CONTENT_LOSSES, STYLE_LOSSES, Averages, Place
from impasto.networks import load
from impasto.settings import LookSettings


@given(
    st.tuples(st.integers(16, 700), st.integers(16, 700)),
    st.integers(60, 400),
    st.integers(0, 20),
    st.sampled_from([2, 4, 16, 48]),
)
def test_every_pixel_belongs_to_one_tile_and_borders_are_in_step(picture, longest, margin, unit):
    found = tiles(picture, longest, margin, unit)
    owners = torch.zeros(picture, dtype=torch.int)
    for tile in found:
        owners[tile.own] += 1
        for axis, side in enumerate(picture):
            own, shown = tile.own[axis], tile.shown[axis]
            assert all(end % unit == 0 or end == side for end in (own.start, own.stop, shown.start, shown.stop))
            assert shown.start == 0 or own.start - shown.start >= margin
            assert shown.stop == side or shown.stop - own.stop >= margin
            # As long as may be, or one unit and its margins, which is as small as it gets.
            assert shown.stop - shown.start <= max(longest, 2 * unit + 2 * -(-margin // unit) * unit)
    assert (owners == 1).all()


def test_a_picture_that_fits_is_one_tile():
    assert tiles((300, 400), 400, 80, 16) == one_tile((300, 400))


def picture(seed, height, width, kind=torch.float64):
    return torch.rand(1, 3, height, width, dtype=kind, generator=torch.Generator().manual_seed(seed))


def halves(height, width):
    """Two regions with a soft edge between them."""
    left = torch.linspace(2, -1, width, dtype=torch.float64).clamp(0, 1).expand(1, 1, height, width)
    return {"red": left, "blue": 1 - left}


def gradients(settings, content, styles, roles, masked, longest):
    """Losses and gradients of one picture: as a whole, and in tiles."""
    shape = (content.shape[2], content.shape[3])
    shares = [1 / len(styles)] * len(styles)
    maps = [halves(style.shape[2], style.shape[3]) for style in styles]
    found = regions(shares, halves(*shape), maps) if masked else whole(shares)
    targets = Targets(content, styles, found, settings, Mask(halves(*shape)["red"]) if masked else None)
    margin, level = max(roles.style.reach, roles.content.reach), Level(shape, 1.0, 1)
    unit = max(role.network.spec.smallest_size[layer] for role in (roles.style, roles.content) for layer in role.layers)

    def cut(size):
        return tiles(size, longest, margin, unit)

    assert len(cut(shape)) > 3
    image = (content + 0.2 * picture(9, *shape, content.dtype)).clamp(0, 1)
    return targets.objective_at(level, roles).with_gradient(image), targets.objective_at(
        level, roles, cut
    ).with_gradient(image)


@pytest.mark.parametrize("masked", [False, True], ids=["whole", "with masks"])
@pytest.mark.parametrize("content_loss", CONTENT_LOSSES)
@pytest.mark.parametrize("style_loss", STYLE_LOSSES)
def test_the_gradient_in_tiles_is_that_of_the_whole(style_loss, content_loss, masked):
    settings = LookSettings(style_loss=style_loss, content_loss=content_loss, tv_weight=1.0)
    network = SmallNetwork().double()
    roles = Roles(Role("content", network, {"coarse": 1.0}), Role("style", network, {"fine": 2.0, "coarse": 1.0}))
    styles = [picture(2, 41, 33), picture(3, 30, 52)]
    (values, gradient), (in_tiles, tiled) = gradients(settings, picture(1, 45, 59), styles, roles, masked, 24)
    assert list(in_tiles) == list(values)
    for name in values:
        torch.testing.assert_close(in_tiles[name], values[name], rtol=1e-5, atol=1e-9)
    assert (tiled - gradient).norm() < 1e-5 * gradient.norm()


@pytest.mark.parametrize("style_loss", ["gram", "wasserstein", "sliced-wasserstein", "relaxed-emd"])
def test_so_it_is_with_vgg19_in_float32(style_loss):
    network = load("vgg19")
    roles = Roles(Role("content", network, {"relu4_2": 1.0}), Role("style", network, {"relu1_1": 1.0, "relu4_1": 1.0}))
    content, styles = picture(1, 130, 150, torch.float32), [picture(2, 140, 120, torch.float32)]
    settings = LookSettings(style_loss=style_loss)
    (_, gradient), (_, tiled) = gradients(settings, content, styles, roles, masked=False, longest=128)
    assert (tiled - gradient).norm() < 1e-3 * gradient.norm()


@pytest.mark.parametrize("style_loss", ["nearest-neighbor", "relaxed-emd"])
def test_so_it_is_where_tiles_cut_through_columns(style_loss, monkeypatch):
    monkeypatch.setattr("impasto.losses.hypercolumns._MOST", 27)  # as far apart as those of 12 million pixels: 28
    test_so_it_is_with_vgg19_in_float32(style_loss)


@given(
    st.tuples(st.integers(16, 90), st.integers(16, 90)),
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
    st.integers(8, 40),
    st.sampled_from([1, 2, 4]),
)
def test_averages_of_parts_add_up_wherever_they_are_cut(size, kernel, longest, stride):
    features, reduce = picture(5, *(side // stride for side in size)), Averages(size)
    whole = reduce(features, Place.whole(features), kernel)
    parts = [tile.features(features[..., *seen_of(tile, stride)], stride) for tile in tiles(size, longest, 0, stride)]
    torch.testing.assert_close(sum(reduce(*part, kernel) for part in parts), whole)


def seen_of(tile, stride):
    return tuple(slice(shown.start // stride, shown.stop // stride) for shown in tile.shown)


@pytest.mark.parametrize("masked", [False, True], ids=["whole", "with masks"])
def test_of_a_very_large_content_three_digits_are_kept(masked, monkeypatch):
    network = SmallNetwork()
    roles = Roles(Role("content", network, {"coarse": 1.0}), Role("style", network, {"fine": 1.0}))
    bright = 1e4 * picture(1, 45, 59, torch.float32)  # features whose squares no half precision holds
    settings = LookSettings(style_loss="gram")

    def seen():
        return gradients(settings, bright, [picture(2, 41, 33, torch.float32)], roles, masked, 24)

    _, (exact, gradient) = seen()
    monkeypatch.setattr("impasto.engine.sights._LARGE", 0)
    _, (kept, near) = seen()
    for name in exact:
        torch.testing.assert_close(kept[name], exact[name], rtol=0.02, atol=1e-9)
    assert 0 < (near - gradient).norm() < 0.02 * gradient.norm()


def test_where_memory_runs_out_the_tiles_become_smaller():
    class Cut:
        side = 400

        def __call__(self, size):
            return tiles(size, self.side, 10, 2)

        def shrink(self):
            self.side //= 2
            return self.side >= 100

    cut, tried = Cut(), []

    def work(enough):
        tried.append(len(cut((300, 300))))
        if cut.side > enough:
            raise torch.OutOfMemoryError
        return "done"

    assert with_less_at_a_time(cut, lambda: work(100)) == "done"
    assert tried == [1, 4, 16]
    with pytest.raises(torch.OutOfMemoryError):
        with_less_at_a_time(cut, lambda: work(10))
    with pytest.raises(torch.OutOfMemoryError):
        with_less_at_a_time(one_tile, lambda: work(10))
