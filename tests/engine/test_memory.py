import math
import re

import pytest
import torch
from engine.fakes import SmallNetwork

from impasto.devices import Compute
from impasto.engine import memory
from impasto.engine.memory import Tiling, bytes_needed, check_memory, check_style_memory
from impasto.engine.roles import Role, Roles, load_roles
from impasto.errors import DeviceError
from impasto.images import recolor
from impasto.settings import StylizeSettings

CPU = Compute(torch.device("cpu"), torch.float32)


def one_network():
    network = SmallNetwork()
    return Roles(Role("content", network, {"coarse": 1.0}), Role("style", network, {"fine": 1.0}))


def test_by_hand():
    settings = StylizeSettings()
    difference = bytes_needed(2000, one_network(), settings) - bytes_needed(1000, one_network(), settings)
    # One pass, as deep as the deeper role.
    assert difference == pytest.approx(1000 * (memory._BYTES * 20 + 4 * 3 * memory._VECTORS), abs=1)


def test_two_networks_need_both_passes():
    two = Roles(Role("content", SmallNetwork(), {"coarse": 1.0}), Role("style", SmallNetwork(), {"fine": 1.0}))
    more = bytes_needed(1000, two, StylizeSettings()) - bytes_needed(1000, one_network(), StylizeSettings())
    assert more == pytest.approx(1000 * memory._BYTES * 12, abs=1)


@pytest.mark.parametrize("color", ["histogram", "transport"])
def test_what_is_recolored_as_a_whole_is_counted(color):
    plain, colored = (bytes_needed(1000, one_network(), StylizeSettings(color=mode)) for mode in ("content", color))
    assert colored == plain + 1000 * recolor.bytes_of(color) > plain


@pytest.mark.parametrize("size", [(100_000, 50_000), (3_000_000, 3_000_000)])
def test_the_size_that_is_offered_fits(size):
    with pytest.raises(DeviceError, match="GiB") as caught:
        check_memory(size, one_network(), StylizeSettings(), CPU)
    offered = int(re.search(r"--size (\d+)", str(caught.value)).group(1))
    share = offered / max(size)
    check_memory((int(size[0] * share), int(size[1] * share)), one_network(), StylizeSettings(), CPU)


def test_what_fits_is_what_is_free(monkeypatch):
    size, settings = (384, 512), StylizeSettings()
    needed = bytes_needed(384 * 512, one_network(), settings)
    monkeypatch.setattr(memory, "free_memory", lambda device: needed)
    check_memory(size, one_network(), settings, CPU)
    monkeypatch.setattr(memory, "free_memory", lambda device: needed - 1)
    with pytest.raises(DeviceError, match="GiB"):
        check_memory(size, one_network(), settings, CPU)


def shown(tiles):
    """Pixels that are shown of all tiles."""
    return sum(math.prod(side.stop - side.start for side in tile.shown) for tile in tiles)


def test_where_memory_is_scarce_margins_are_not_most_of_what_is_shown():
    roles = load_roles(StylizeSettings(), CPU)
    for free in (2, 3, 4):
        tiles = Tiling(roles, StylizeSettings(), free * 2**30)((1024, 1024))
        assert len(tiles) > 1
        assert shown(tiles) < 4 * 1024**2


def test_tiles_shrink_until_they_cannot_and_what_was_whole_becomes_tiles():
    tiling, size = Tiling(load_roles(StylizeSettings(), CPU), StylizeSettings(), 2 * 2**30), (512, 512)
    counts = [len(tiling(size))]
    while tiling.shrink():
        counts.append(len(tiling(size)))
    assert counts[0] == 1
    assert counts == sorted(set(counts))
    assert max(side.stop - side.start for tile in tiling(size) for side in tile.own) >= 64


def test_a_style_too_large_to_look_at_is_refused():
    check_style_memory((500, 500), one_network(), CPU)
    with pytest.raises(DeviceError, match=r"a style, 100000x90000 px, .* Use a smaller --style-scale\."):
        check_style_memory((90_000, 100_000), one_network(), CPU)
