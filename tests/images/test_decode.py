import struct
from functools import partial
from io import BytesIO

import numpy as np
import pytest
import pyvips
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from images.pictures import array, encoded, smooth
from PIL import Image, ImageCms

from impasto.errors import ImageError
from impasto.images import read
from impasto.images.resize import fit
from impasto.settings import SizeSettings

SIZE = SizeSettings()


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0.01),
        ("TIFF", {}, 0.01),
        ("TIFF", {"compression": "tiff_lzw"}, 0.01),
        ("WEBP", {"lossless": True}, 0.01),
        ("GIF", {}, 10),
        ("JPEG", {"quality": 97}, 2),
        ("JPEG", {"quality": 97, "progressive": True}, 2),
        ("WEBP", {"quality": 97}, 2),
        ("AVIF", {"quality": 97}, 3),
    ],
)
def test_each_format_is_read_whatever_its_name_says(file, kind, options, tolerance):
    path = file(encoded(Image.fromarray(smooth()), kind, **options), "picture.dat")
    assert np.abs(array(path) - smooth()).mean() < tolerance
    assert np.array_equal(array(path), array(str(path)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(file, orientation, kind):
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = Image.fromarray(smooth())
    stored = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = file(encoded(stored, kind, exif=exif, **({"quality": 97} if kind in ("JPEG", "WEBP") else {})))
    assert np.abs(array(path) - smooth()).mean() < 2
    with Image.open(path) as image:
        assert np.abs(array(image) - smooth()).mean() < 2
    assert read(path, SIZE, partial(fit, longest=28)).shape == (20, 28)


@pytest.mark.parametrize("turned", [False, True])
def test_a_square_that_lies_is_stretched_the_way_it_is_seen(turned):
    upright = Image.fromarray(np.random.default_rng(0).integers(0, 256, (120, 120, 3), np.uint8))
    shape = (30, 90) if turned else (90, 30)
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    stored.getexif()[0x0112] = 6
    np.testing.assert_allclose(array(stored, size=lambda *_: shape), array(upright, size=lambda *_: shape), atol=1)


def swapped_gamma() -> bytes:
    """A profile of sRGB's primaries with a plain gamma of 1.0: half of the number is half of the light."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    for name, start, _ in (struct.unpack_from(">4sII", profile, 132 + 12 * n) for n in range(count)):
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            profile[start : start + 12] = b"curv" + bytes(8)  # a curve of no points is the identity
    return bytes(profile)


PROFILES = {"P3": pyvips.Operation.call("profile_load", "p3"), "linear": swapped_gamma()}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_icc_colors_become_srgb_as_littlecms_has_it(file, profile, kind):
    image = Image.fromarray(smooth() // 2 + 60)
    options = {"lossless": True} if kind == "WEBP" else {"quality": 97} if kind == "JPEG" else {}
    path = file(encoded(image, kind, icc_profile=profile, **options))
    with Image.open(path) as stored:
        expected = ImageCms.profileToProfile(
            stored.convert("RGB"),
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        assert np.abs(array(stored) - np.asarray(expected)).max() < 1.5
    assert np.abs(array(path) - np.asarray(expected)).max() < 2.5
    assert np.abs(array(path) - np.asarray(image)).mean() > 3


def test_linear_profile_by_hand():
    image = Image.new("RGB", (20, 20), (128, 128, 128))
    image.info["icc_profile"] = swapped_gamma()
    assert array(image).mean() == pytest.approx(255 * (1.055 * (128 / 255) ** (1 / 2.4) - 0.055), abs=0.3)


@pytest.mark.parametrize("profile", [b"rubbish" * 30, b"x", swapped_gamma()[:300]])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_broken_profile_is_ignored(file, profile, mode):
    image = Image.fromarray(smooth()).convert(mode)
    with_profile = file(encoded(image, "TIFF", icc_profile=profile), "broken.tif")
    without = file(encoded(image, "TIFF"), "plain.tif")
    assert np.abs(array(with_profile) - array(without)).max() < 3


def test_a_gray_profile_on_a_color_picture_is_ignored(file):
    gray = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    path = file(encoded(Image.fromarray(smooth()), "PNG", icc_profile=gray))
    assert np.abs(array(path) - smooth()).max() < 0.01


@pytest.mark.parametrize("kind", ["lab", "labs"], ids=["floats", "16 bits"])
def test_lab_colors(file, kind):
    image = pyvips.Image.new_from_array(smooth()).copy(interpretation="srgb").colourspace(kind)
    assert np.abs(array(file(image.write_to_buffer(".tif"))) - smooth()).max() < 1


def test_lab_colors_in_8_bits_are_said_to_be_no_damage(file):
    path = file(encoded(Image.new("LAB", (20, 20), (90, 120, 140)), "TIFF"))
    with pytest.raises(ImageError, match="Export it as RGB"):
        read(path, SIZE)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_inks(file, kind):
    inks = {"white": (0, 0, 0, 0), "black": (0, 0, 0, 255), "cyan": (255, 0, 0, 0), "yellow": (0, 0, 255, 0)}
    seen = {}
    for name, ink in inks.items():
        image = Image.new("CMYK", (20, 20), ink)
        seen[name] = array(file(encoded(image, kind))).mean(axis=(0, 1))
        assert np.abs(array(image).mean(axis=(0, 1)) - seen[name]).max() < 3
    assert seen["white"].min() > 250
    assert seen["black"].max() < 60
    assert seen["cyan"][0] < 60 < 120 < seen["cyan"][2]
    assert seen["yellow"][2] < 60 < 200 < seen["yellow"][0]


def test_cmyk_with_a_profile_is_what_littlecms_makes_of_it(file):
    profile = pyvips.Operation.call("profile_load", "cmyk")
    image = Image.fromarray(smooth()).convert("CMYK")
    path = file(encoded(image, "TIFF", icc_profile=profile))
    expected = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert np.abs(array(path) - np.asarray(expected)).max() < 3


@pytest.mark.parametrize("mode", ["1", "L", "P"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_one_bit_gray_and_palette(file, mode, kind):
    image = Image.fromarray(smooth()).convert(mode)
    assert np.abs(array(file(encoded(image, kind))) - np.asarray(image.convert("RGB"))).max() < 0.01


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_gray_of_16_bits_keeps_them(file, kind):
    deep = np.random.default_rng(0).integers(0, 65536, (20, 24)).astype(np.uint16)
    path = file(encoded(Image.fromarray(deep), kind))
    assert np.abs(array(path) / 255 - deep[..., None] / 65535).max() < 2e-6


@pytest.mark.parametrize("kind", ["char", "short", "int", "uint"])
def test_whole_numbers_that_do_not_say_what_white_is_are_refused(tmp_path, kind):
    image = pyvips.Image.black(20, 20, bands=3).cast(kind).copy(interpretation="multiband")
    image.write_to_file(str(tmp_path / "a.tif"))
    with pytest.raises(ImageError, match="that says not what white is"):
        read(tmp_path / "a.tif", SIZE)


def test_floats_of_64_bits_are_said_to_be_no_damage(file):
    path = file(pyvips.Image.black(20, 20).cast("double").write_to_buffer(".tif"))
    with pytest.raises(ImageError, match="more than 32 bits"):
        read(path, SIZE)


def test_floats_of_another_scale_are_refused(file):
    levels = np.linspace(0, 255, 480, dtype=np.float32).reshape(20, 24)
    with pytest.raises(ImageError, match="floats go up to 255, and 1 is white, in linear light"):
        read(file(encoded(Image.fromarray(levels), "TIFF")), SIZE)
    assert read(file(encoded(Image.fromarray(levels / 200), "TIFF")), SIZE).pixels.max() == pytest.approx(1)


def test_a_float_tiff_is_linear_light(file):
    light = np.random.default_rng(0).random((20, 24), dtype=np.float32)
    expected = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    gray = array(file(encoded(Image.fromarray(light), "TIFF"))) / 255
    assert np.abs(gray - expected[..., None]).max() < 1e-6
    color = pyvips.Image.new_from_array(np.stack([light] * 3, -1)).copy(interpretation="scrgb").write_to_buffer(".tif")
    assert np.abs(array(file(color)) / 255 - expected[..., None]).max() < 1e-6


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_of_several_bands_beyond_color_the_first_is_alpha(file, mode):
    colors, alpha = Image.fromarray(smooth()).convert(mode), smooth()[..., :1]
    kind = {"L": "b-w", "RGB": "srgb", "CMYK": "cmyk"}[mode]

    def written(*more):
        bands = np.dstack([np.asarray(colors), *more])
        image = pyvips.Image.new_from_array(bands).copy(interpretation=kind)
        return read(file(image.write_to_buffer(".tif")), SIZE)

    picture = written(alpha, 255 - alpha)  # such as a selection that was saved
    assert torch.equal(picture.alpha, torch.from_numpy(alpha / 255).float().permute(2, 0, 1)[None])
    assert torch.equal(picture.pixels, written(alpha).pixels)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_alpha_is_kept_and_color_bleeds_under_it(file, kind):
    image = Image.new("RGBA", (48, 40), (200, 40, 40, 255))
    image.paste((0, 0, 0, 0), (24, 0, 48, 40))
    options = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}
    picture = read(file(encoded(image, kind, **options.get(kind, {}))), SIZE)
    assert picture.alpha is not None
    assert torch.equal(picture.alpha[0, 0, :, :24] > 0.99, torch.ones(40, 24, dtype=torch.bool))
    assert picture.alpha[0, 0, :, 26:].max() < 0.01
    assert (picture.pixels[0, :, :, 26:].mean(dim=(1, 2)) * 255 - torch.tensor([200, 40, 40])).abs().max() < 3


@pytest.mark.parametrize("target", [(20, 24), (96, 80)])
def test_no_dark_fringe_where_a_transparent_picture_is_resized(file, target):
    image = Image.new("RGBA", (48, 40), (0, 0, 0, 0))
    image.paste((250, 240, 230, 255), (13, 11, 37, 31))
    picture = read(file(encoded(image, "PNG")), SIZE, lambda *_: target)
    assert picture.shape == target
    assert (picture.pixels[0] * 255 - torch.tensor([250, 240, 230])[:, None, None]).abs().max() < 1.5


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP"])
def test_of_many_pages_the_first_is_read(file, kind):
    first, second = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    options = {"lossless": True} if kind == "WEBP" else {}
    path = file(encoded(first, kind, save_all=True, append_images=[second], **options))
    assert read(path, SIZE).shape == (20, 20)
    assert array(path).mean(axis=(0, 1)).tolist() == pytest.approx([255, 0, 0], abs=1)


@given(st.integers(32, 90), st.integers(32, 90), st.integers(16, 120), st.integers(16, 120))
@settings(max_examples=40, deadline=None)
def test_the_size_is_exactly_the_one_asked_for(height, width, to_height, to_width):
    source = np.zeros((height, width, 3), np.uint8)
    assert read(source, SIZE, lambda *_: (to_height, to_width)).shape == (to_height, to_width)


def test_the_size_rule_sees_the_picture_as_it_is_meant_to_be_seen(file):
    exif = Image.Exif()
    exif[0x0112] = 6
    seen = []
    read(file(encoded(Image.new("RGB", (60, 30)), "JPEG", exif=exif)), SIZE, lambda *shape: seen.append(shape) or shape)
    assert seen == [(60, 30)]


def test_shrinking_mixes_light_not_numbers():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[::2] = 255  # half of the light: 187.5, not 127.5
    assert array(stripes, size=lambda *_: (16, 16))[3:-3].mean() == pytest.approx(187.5, abs=0.2)


def test_a_smooth_picture_keeps_its_look_at_any_size():
    large = smooth(120, 160)
    for shape in ((30, 40), (60, 80), (240, 320), (30, 320)):
        expected = np.asarray(Image.fromarray(large).resize(shape[::-1], Image.Resampling.BICUBIC))
        assert np.abs(array(large, size=lambda *_, shape=shape: shape) - expected).max() < 4


def test_a_jpeg_that_shrinks_mixes_light_too(file):
    grains = np.random.default_rng(0).integers(0, 2, (320, 320), np.uint8).repeat(3, -1).reshape(320, 320, 3) * 255
    path = file(encoded(Image.fromarray(grains), "JPEG", quality=100, subsampling=0))
    with Image.open(path) as stored:
        whole = np.asarray(stored)
    for side in (20, 40, 160):
        small, expected = (array(each, size=lambda *_, side=side: (side, side)) for each in (path, whole))
        assert np.abs(small - expected).max() < 2
        assert small.mean() == pytest.approx(187.5, abs=10), "numbers alone would come to 127.5"
