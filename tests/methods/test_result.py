import pickle

import pytest
import torch

import impasto
from impasto.images import Picture, packing, unpacked
from impasto.methods import seen
from impasto.methods.result import Result
from impasto.settings import StylizeSettings


def test_printed_it_fits_on_a_screen():
    picture = Picture(torch.rand(1, 3, 64, 64), None)
    result = Result(picture, StylizeSettings(), [{"step": step} for step in range(100)], {"step": 100}, "iterations")
    assert "tensor" not in repr(result)
    assert len(repr(result)) < 2000


@pytest.mark.parametrize("largest", [packing._LARGE, 1000])
def test_what_another_process_has_made_comes_back(largest, photo, monkeypatch):
    monkeypatch.setattr(packing, "_LARGE", largest)
    monkeypatch.setattr(seen, "_LONGEST", 256)  # in tiles, as very large ones are
    result = impasto.stylize(photo, "scream", preset="fast", size=272)
    again = pickle.loads(pickle.dumps(result))
    assert result.picture.pixels.is_floating_point() == (largest > 1000)
    assert torch.equal(again.picture.pixels, result.picture.pixels)
    assert 0 <= unpacked(again.picture.pixels).min() < unpacked(again.picture.pixels).max() <= 1
    assert again.settings == result.settings


def test_progress_reaches_another_process_with_its_preview(photo, styles):
    told = []
    impasto.stylize(photo, styles["mosaic"], color="content", size=64, iterations=3, on_progress=told.append)
    for progress in told:
        again = pickle.loads(pickle.dumps(progress))
        assert (again.step, again.losses) == (progress.step, progress.losses)
        assert torch.equal(again.image, progress.image)
        assert torch.equal(again.preview, progress.preview)
