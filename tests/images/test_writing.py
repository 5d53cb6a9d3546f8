import os

import numpy as np
import pytest
import pyvips
import torch
from images.pictures import WRITABLE, picture, smooth
from images.test_atomic import full_disk
from PIL import Image

from impasto.errors import OutputError, SettingsError
from impasto.images import Picture, check_writable, read, write
from impasto.images.picture import quantize, srgb_profile
from impasto.settings import FileSettings, SizeSettings

SIZE, PLAIN, DEEP = SizeSettings(), FileSettings(), FileSettings(depth=16)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF"])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("settings", [PLAIN, DEEP], ids=["8", "16"])
def test_png_and_tiff_give_back_every_bit(tmp_path, suffix, alpha, settings):
    source = picture(alpha)
    back = read(write(source, tmp_path / f"a{suffix}", settings), SIZE)
    assert np.array_equal(quantize(back.pixels, settings.depth), quantize(source.pixels, settings.depth))
    if source.alpha is None:
        assert back.alpha is None
    else:
        assert np.array_equal(quantize(back.alpha, settings.depth), quantize(source.alpha, settings.depth))


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp", ".avif"])
def test_lossy_formats_come_close_and_obey_the_quality(tmp_path, suffix):
    source = read(smooth(80, 112), SIZE)
    error, size = {}, {}
    for quality in (30, 95):
        path = write(source, tmp_path / f"{quality}{suffix}", FileSettings(quality=quality))
        error[quality] = (read(path, SIZE).pixels - source.pixels).abs().mean() * 255
        size[quality] = path.stat().st_size
    assert error[95] < 1.5 < error[30] * 2
    assert size[95] > size[30]


@pytest.mark.parametrize("suffix", WRITABLE)
@pytest.mark.parametrize("alpha", [False, True])
def test_pil_finds_size_mode_and_profile(tmp_path, suffix, alpha):
    write(picture(alpha), tmp_path / f"a{suffix}", PLAIN)
    with Image.open(tmp_path / f"a{suffix}") as image:
        assert image.size == (30, 24)
        assert image.mode == ("RGBA" if alpha and suffix != ".jpg" else "RGB")
        assert image.info["icc_profile"] == srgb_profile()
        assert image.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_in_print_it_is_as_large_as_it_was_meant_to_be(tmp_path, suffix):
    def written(picture):
        with Image.open(write(picture, tmp_path / f"b{suffix}", PLAIN)) as image:
            return float(image.info["dpi"][0])

    Image.new("RGB", (30, 24)).save(tmp_path / f"a{suffix}", dpi=(300, 300))
    meant = read(tmp_path / f"a{suffix}", SIZE, lambda height, width: (height - 4, 2 * width))
    assert written(meant) == pytest.approx(300, abs=0.5)
    with Image.open(tmp_path / f"a{suffix}") as image:
        assert written(read(image, SIZE)) == pytest.approx(300, abs=0.5)
    Image.new("RGB", (30, 24)).save(tmp_path / f"a{suffix}")
    assert written(read(tmp_path / f"a{suffix}", SIZE)) == pytest.approx(72, abs=0.5)
    assert written(picture(alpha=False)) == pytest.approx(72, abs=0.5)


@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_alpha_survives_lossy_formats(tmp_path, suffix):
    source = picture(alpha=True)
    alpha = torch.ones_like(source.alpha)
    alpha[..., 15:] = 0.25
    back = read(write(Picture(source.pixels, alpha), tmp_path / f"a{suffix}", PLAIN), SIZE)
    assert (back.alpha - alpha).abs().mean() < 0.01


def test_jpeg_lies_on_white(tmp_path):
    blue = torch.tensor([0.0, 0.0, 1.0]).reshape(1, 3, 1, 1).expand(1, 3, 24, 30)
    alpha = torch.full((1, 1, 24, 30), 0.5)
    alpha[..., :8] = 0
    back = read(write(Picture(blue, alpha), tmp_path / "a.jpg", PLAIN), SIZE).pixels
    assert back[..., :6].min() > 0.99
    assert (back[0, :, :, 18:].mean(dim=(1, 2)) - torch.tensor([0.5, 0.5, 1])).abs().max() < 0.01


@pytest.mark.parametrize("suffix", WRITABLE)
def test_the_same_picture_is_the_same_bytes(tmp_path, suffix):
    first, second = (write(picture(), tmp_path / f"{name}{suffix}", PLAIN, record="{}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", WRITABLE)
def test_a_full_disk_harms_nothing(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"the old one")
    with full_disk(100), pytest.raises(OutputError, match="cannot be written"):
        write(picture(), path, PLAIN)
    assert path.read_bytes() == b"the old one"
    assert os.listdir(tmp_path) == [path.name]


def test_what_a_format_does_not_hold_is_told_in_one_line(tmp_path, capfd):
    with pytest.raises(OutputError, match="17000 × 16 pixels do not go into WebP") as caught:
        write(Picture(torch.zeros(1, 3, 16, 17_000)), tmp_path / "a.webp", PLAIN)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "settings", "reason"),
    [
        ("a.gif", PLAIN, r"to write: \.jpg, \.jpeg, \.png, \.webp, \.tif, \.tiff, \.avif\."),
        ("a.jgp", PLAIN, r"does not end like a picture to write: \.jpg, "),
        ("a", PLAIN, r"to write: \.jpg, \.jpeg, \.png, \.webp, \.tif, \.tiff, \.avif\."),
        ("a.jpg", DEEP, r"depth 16 does not fit into JPEG .* Write \.png or \.tif, or set depth 8"),
        ("a.webp", DEEP, "depth 16 does not fit into WebP"),
        ("a.avif", DEEP, "depth 16 does not fit into AVIF"),
    ],
)
def test_names_that_no_format_answers_to(tmp_path, name, settings, reason):
    for attempt in (lambda path: check_writable(path, settings), lambda path: write(picture(), path, settings)):
        with pytest.raises(SettingsError, match=reason):
            attempt(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_known_before(tmp_path):
    with pytest.raises(OutputError, match=r"there is no folder .*Make it first"):
        check_writable(tmp_path / "none" / "a.png", PLAIN)
    for suffix in WRITABLE:
        check_writable(tmp_path / f"a{suffix.upper()}", PLAIN)
    check_writable(str(tmp_path / "a.tiff"), DEEP)


def test_a_png_takes_less_room_than_its_numbers_packed_as_they_are(tmp_path):
    source = read(smooth(160, 200), SIZE)
    pixels = quantize(source.pixels, 8)
    plain = pyvips.Image.new_from_array(pixels).write_to_buffer(".png", filter="none")
    assert write(source, tmp_path / "a.png", PLAIN).stat().st_size < 0.9 * len(plain)
