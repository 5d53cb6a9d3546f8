import pytest
import torch
from skimage import data

from impasto.engine.faces import _finder, faces
from impasto.errors import WeightsError
from impasto.images.packing import packed
from impasto.networks import face_finder
from impasto.recent import Recent


def pixels(array):
    return torch.from_numpy(array.copy()).permute(2, 0, 1)[None] / 255


def test_the_face_of_an_astronaut_is_found_and_nothing_else():
    mask = faces(pixels(data.astronaut()))  # her face is about (60..200, 170..280)
    assert mask.shape == (1, 1, 512, 512)
    assert mask[0, 0, 130, 225] == 1
    assert mask[0, 0, 280:].max() == 0
    assert 0.01 < mask.mean() < 0.15


def test_it_is_found_where_it_fills_the_picture_and_where_it_is_small():
    astronaut = pixels(data.astronaut())
    near = faces(astronaut[:, :, 40:220, 140:310])
    assert near[0, 0, 90, 85] == 1
    far = torch.ones(1, 3, 900, 900)
    far[:, :, 300:812, 200:712] = astronaut
    mask = faces(far)
    assert mask[0, 0, 430, 425] > 0.5
    assert mask[0, 0, :250].max() == mask[0, 0, 620:].max() == 0


def test_packed_pixels_are_looked_at_as_well():
    astronaut = pixels(data.astronaut())
    assert (faces(packed(astronaut)) - faces(astronaut)).abs().max() < 0.05


def test_a_picture_that_was_looked_at_before_is_not_looked_at_again(monkeypatch):
    looked, (eyes, finder) = [], _finder()
    monkeypatch.setattr("impasto.engine.faces._finder", lambda: looked.append(1) or (eyes, finder))
    monkeypatch.setattr("impasto.engine.faces._lately", Recent(16))
    astronaut = pixels(data.astronaut())
    first = faces(astronaut)
    first_of_all, kept = first.clone(), packed(astronaut)
    first.zero_()  # what somebody does with it is nobody else's
    assert torch.equal(faces(astronaut), first_of_all)
    assert torch.equal(faces(kept), first_of_all)
    assert len(looked) == 1
    for other in (astronaut.flip(3), astronaut[:, :, 1:], astronaut * 0.9):
        faces(other)
    assert len(looked) == 4


@pytest.mark.parametrize("picture", ["rocket", "retina", "immunohistochemistry", "hubble_deep_field"])
def test_what_is_no_face_is_left(picture):
    assert not faces(pixels(getattr(data, picture)())).any()


def test_coffee_has_no_face():
    assert not faces(pixels(data.coffee())).any()


@pytest.mark.parametrize("size", [(1, 1), (16, 900), (40, 41), (300, 17)])
def test_pictures_of_any_shape_are_looked_at(size):
    assert not faces(torch.rand(1, 3, *size)).any()


def test_a_damaged_finder_is_told(monkeypatch, tmp_path):
    damaged = tmp_path / "face_finder.safetensors"
    damaged.write_bytes(face_finder.SHIPPED.read_bytes()[:-1] + b"!")
    monkeypatch.setattr(face_finder, "SHIPPED", damaged)
    monkeypatch.setattr("impasto.engine.faces._finder", _finder.__wrapped__)  # not the one that is there already
    with pytest.raises(WeightsError, match="install impasto again"):
        faces(torch.rand(1, 3, 64, 64))
