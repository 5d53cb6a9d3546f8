import re

import pytest
import torch
from engine.fakes import SmallNetwork

from impasto.devices import Compute
from impasto.engine import memory
from impasto.engine.memory import bytes_needed, check_memory, check_style_memory
from impasto.engine.roles import Role, Roles
from impasto.errors import DeviceError
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


@pytest.mark.parametrize("size", [(100_000, 50_000), (3_000_000, 3_000_000)])
def test_the_size_that_is_offered_fits(size):
    with pytest.raises(DeviceError, match="GiB") as caught:
        check_memory(size, one_network(), StylizeSettings(), CPU)
    offered = int(re.search(r"--size (\d+)", str(caught.value)).group(1))
    share = offered / max(size)
    check_memory((int(size[0] * share), int(size[1] * share)), one_network(), StylizeSettings(), CPU)


def test_an_ordinary_picture_fits():
    check_memory((384, 512), one_network(), StylizeSettings(), CPU)


def test_a_style_too_large_to_look_at_is_refused():
    check_style_memory((500, 500), one_network(), CPU)
    with pytest.raises(DeviceError, match=r"a style, 100000x90000 px, .* Use a smaller --style-scale\."):
        check_style_memory((90_000, 100_000), one_network(), CPU)
