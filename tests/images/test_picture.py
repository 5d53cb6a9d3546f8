from io import BytesIO

import numpy as np
import pytest
import torch
from images.pictures import picture
from PIL import ImageCms

from impasto.images import Picture, read, to_pil
from impasto.images.picture import quantize, srgb_profile
from impasto.settings import SizeSettings


@pytest.mark.parametrize("depth", [8, 16])
def test_values_are_rounded_to_the_nearest_and_held_in_range(depth):
    top = 2**depth - 1
    values = torch.tensor([-0.1, 0, 0.4 / top, 0.6 / top, 100.4 / top, 100.6 / top, 1, 1.1])
    expected = [0, 0, 0, 1, 100, 101, top, top]
    array = quantize(values.reshape(1, 1, 1, -1), depth)
    assert array.dtype.itemsize == depth // 8
    assert array.shape == (1, 8, 1)
    assert array.flatten().tolist() == expected


@pytest.mark.parametrize("depth", [8, 16])
def test_each_level_survives(depth):
    levels = torch.arange(2**depth).reshape(1, 1, 16, -1)
    assert np.array_equal(quantize(levels / (2**depth - 1), depth)[..., 0], levels[0, 0].numpy())


@pytest.mark.parametrize("alpha", [False, True])
def test_pil_sees_the_same_picture(alpha):
    source = picture(alpha)
    image = to_pil(source)
    assert image.mode == ("RGBA" if alpha else "RGB")
    assert image.size == (30, 24)
    assert np.array_equal(np.asarray(image)[..., :3], quantize(source.pixels, 8))
    back = read(image, SizeSettings())
    assert np.array_equal(quantize(back.pixels, 8), quantize(source.pixels, 8))
    assert (back.alpha is None) != alpha


def test_the_profile_is_srgb_to_littlecms():
    image = to_pil(Picture(torch.rand(1, 3, 20, 24)))
    assert image.info["icc_profile"] == srgb_profile()
    converted = ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(BytesIO(srgb_profile())), ImageCms.createProfile("sRGB")
    )
    assert np.abs(np.asarray(converted).astype(int) - np.asarray(image)).max() <= 1


def test_shape_is_height_and_width():
    assert picture().shape == (24, 30)
