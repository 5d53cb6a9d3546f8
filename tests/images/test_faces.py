import sys

import pytest
import torch
from skimage import data

from impasto.errors import MissingExtraError
from impasto.images.faces import faces


def pixels(array):
    return torch.from_numpy(array.copy()).permute(2, 0, 1)[None] / 255


def test_the_face_of_an_astronaut_is_found_and_nothing_else():
    mask = faces(pixels(data.astronaut()))  # her face is about (60..200, 170..280)
    assert mask.shape == (1, 1, 512, 512)
    assert mask[0, 0, 130, 225] == 1
    assert mask[0, 0, 280:].max() == 0
    assert 0.01 < mask.mean() < 0.15


def test_coffee_has_no_face():
    assert not faces(pixels(data.coffee())).any()


def test_what_is_missing_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*opencv-python-headless"):
        faces(torch.rand(1, 3, 64, 64))
