"""Pictures that wait keep what files have."""

import torch

from impasto.images import packing
from impasto.images.packing import channels, packed, unpacked
from impasto.images.resize import resize


def test_every_number_that_a_file_can_hold_comes_back():
    for most in (255, 65535):
        pixels = (torch.arange(most + 1) / most).expand(1, 3, 1, -1)
        waiting = packed(pixels)
        assert waiting.element_size() == 2
        assert torch.equal((unpacked(waiting) * most).round(), (pixels * most).round())


def test_what_is_not_packed_comes_back_as_it_is():
    pixels = torch.rand(1, 3, 4, 5, dtype=torch.float64)
    assert unpacked(pixels) is pixels


def test_packed_pixels_are_resized_as_pixels_are():
    pixels = torch.rand(1, 3, 40, 30, generator=torch.Generator().manual_seed(0))
    for shape in ((40, 30), (20, 15), (55, 41)):
        torch.testing.assert_close(resize(packed(pixels), shape), resize(pixels, shape), atol=2e-5, rtol=0)


def test_only_very_large_pictures_are_taken_channel_by_channel(monkeypatch):
    large, small = torch.rand(1, 3, 40, 30), torch.rand(1, 3, 20, 15)
    assert [(each.shape, other.shape) for each, other in channels(large, small)] == [(large.shape, small.shape)]
    monkeypatch.setattr(packing, "_LARGE", 2000)
    found = [*channels(small, large)]
    assert torch.equal(torch.cat([each for each, _ in found], 1), small)
    assert [other.shape for _, other in found] == [(1, 1, 40, 30)] * 3
