from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from impasto.errors import ImageError
from impasto.images.reading import read as read_picture
from impasto.images.regions import COLORS, read_regions
from impasto.settings import SizeSettings


def read(picture, shape=(20, 30)):
    return read_regions(picture, SizeSettings(), shape)


def halves(left, right):
    picture = Image.new("RGB", (60, 40), left)
    picture.paste(right, (30, 0, 60, 40))
    return picture


def test_a_gray_mask_is_soft():
    ramp = np.linspace(0, 255, 60).astype(np.uint8)[None].repeat(40, 0)
    regions = read(Image.fromarray(ramp))
    assert set(regions) == {"black", "white"}
    assert regions["white"][0, 0, 5, 15].item() == pytest.approx(0.5, abs=0.03)
    torch.testing.assert_close(regions["black"] + regions["white"], torch.ones(1, 1, 20, 30))


@pytest.mark.parametrize("other", [name for name in COLORS if name != "red"])
def test_colors_name_regions(other):
    regions = read(halves("red", "lime" if other == "green" else other))
    assert set(regions) == {"red", other}
    assert regions["red"][..., :15].min() == 1
    assert regions[other][..., 15:].min() == 1


def test_what_a_lossy_format_does_to_colors_makes_no_regions():
    file = BytesIO()
    halves("blue", "yellow").save(file, "JPEG", quality=40)
    assert set(read(Image.open(file))) == {"blue", "yellow"}


@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("quality", [30, 75, 95])
@pytest.mark.parametrize("colors", [("red", "blue"), ("black", "yellow"), ("lime", "magenta"), ("white", "red")])
def test_at_the_edges_of_a_lossy_map_nothing_is_left_over(colors, quality, subsampling):
    picture, file = Image.new("RGB", (201, 143), colors[0]), BytesIO()
    ImageDraw.Draw(picture).ellipse((41, 30, 160, 110), colors[1])
    picture.save(file, "JPEG", quality=quality, subsampling=subsampling)
    regions = read(Image.open(file), (143, 201))
    assert set(regions) == {"green" if name == "lime" else name for name in colors}
    torch.testing.assert_close(sum(regions.values()), torch.ones(1, 1, 143, 201))


def test_thin_lines_of_a_pure_color_are_a_region():
    picture = Image.new("RGB", (60, 40), "red")
    ImageDraw.Draw(picture).line((0, 20, 60, 20), "blue")
    assert set(read(picture)) == {"red", "blue"}


def test_a_small_part_of_a_gray_mask_counts():
    mask = Image.new("L", (400, 400))
    mask.paste(255, (100, 100, 110, 110))
    assert read(mask, (400, 400))["white"].sum() == 100


def test_black_in_a_lossy_format_is_black():
    assert set(read(Image.new("L", (60, 40), 3))) == {"black"}


def test_colors_that_are_nearly_pure_belong_to_the_pure_ones():
    assert set(read(halves((65, 0, 189), (221, 64, 45)))) == {"blue", "red"}


def test_no_color_appears_between_two_when_it_shrinks():
    assert set(read(halves("red", "lime"), (7, 7))) == {"red", "green"}


def test_a_mask_of_another_size_is_stretched():
    assert read(halves("red", "blue"), (100, 33))["red"].shape == (1, 1, 100, 33)


def test_a_file_is_read_again_only_where_it_is_another_one(tmp_path, monkeypatch):
    reads, path = [], tmp_path / "mask.png"
    monkeypatch.setattr("impasto.images.regions.read", lambda *given: reads.append(1) or read_picture(*given))
    halves("red", "blue").save(path)
    assert set(read(path)) == set(read(path)) == {"red", "blue"}
    assert len(reads) == 1
    assert read(path, (7, 9))["red"].shape == (1, 1, 7, 9)
    halves("red", "lime").save(path)
    assert set(read(path)) == {"red", "green"}
    assert len(reads) == 3


def test_what_is_no_picture_is_told(tmp_path):
    (tmp_path / "mask.png").write_text("no")
    with pytest.raises(ImageError, match=r"mask\.png"):
        read(tmp_path / "mask.png")


def test_what_is_transparent_is_not_painted():
    shape = Image.new("RGBA", (60, 40), (255, 255, 255, 0))
    shape.paste((255, 255, 255, 255), (0, 0, 30, 40))
    regions = read(shape)
    assert regions["white"][..., :14].min() > 0.99
    assert regions["white"][..., 16:].max() < 0.01
