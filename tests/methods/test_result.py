import torch

from impasto.images import Picture
from impasto.methods.result import Result
from impasto.settings import StylizeSettings


def test_printed_it_fits_on_a_screen():
    picture = Picture(torch.rand(1, 3, 64, 64), None)
    result = Result(picture, StylizeSettings(), [{"step": step} for step in range(100)], {"step": 100}, "iterations")
    assert "tensor" not in repr(result)
    assert len(repr(result)) < 2000
