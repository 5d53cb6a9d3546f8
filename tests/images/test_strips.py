import pytest
import torch

from impasto.images import strips as module
from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.images.picture import quantize
from impasto.images.recolor import match
from impasto.images.strips import pixelwise, strips


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 3), (100, 40), (5, 1000)])
def test_strips_are_all_rows_in_their_order(height, width, monkeypatch):
    monkeypatch.setattr(module, "_PIXELS", 64)
    found = list(strips(height, width))
    assert [row for rows in found for row in range(rows.start, rows.stop)] == list(range(height))
    assert all((rows.stop - rows.start) * width <= max(64, width) for rows in found)


def test_in_strips_everything_is_as_it_was(monkeypatch):
    draw = torch.Generator().manual_seed(1)
    picture, other = (torch.rand(2, 3, 31, 17, generator=draw) for _ in range(2))

    def results():
        lab = srgb_to_oklab(picture)
        return lab, oklab_to_srgb(lab), match(picture, other), torch.from_numpy(quantize(picture, 8))

    whole = results()
    monkeypatch.setattr(module, "_PIXELS", 40)
    for before, after in zip(whole, results(), strict=True):
        torch.testing.assert_close(after, before)


def test_only_so_much_is_looked_at_at_a_time(monkeypatch):
    monkeypatch.setattr(module, "_PIXELS", 30)
    seen = []
    pixelwise(lambda strip: seen.append(strip.shape) or strip)(torch.zeros(1, 3, 10, 10))
    assert seen == [(1, 3, 3, 10)] * 3 + [(1, 3, 1, 10)]
