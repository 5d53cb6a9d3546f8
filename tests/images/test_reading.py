import os
import struct
import zlib
from contextlib import suppress
from functools import partial

import pytest
import pyvips
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from images.pictures import array, assert_read_or_told, encoded, smooth
from PIL import Image

from impasto.errors import ImageError
from impasto.images import read, read_record, reading
from impasto.images.reading import read_again
from impasto.images.resize import fit
from impasto.settings import SizeSettings

SIZE = SizeSettings()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


JPEG, PNG = (encoded(Image.fromarray(smooth(80, 100)), kind) for kind in ("JPEG", "PNG"))
BAD = {
    "empty": (b"", "the file is empty"),
    "text": (b"not a picture at all", "this is no JPEG, PNG, WebP, TIFF, AVIF or GIF picture"),
    "JPEG cut short": (JPEG[: len(JPEG) // 2], "damaged or cut short"),
    "PNG cut short": (PNG[: len(PNG) // 2], "damaged or cut short"),
    "PNG with wrong bytes": (PNG[:200] + bytes(200) + PNG[400:], "damaged or cut short"),
    "JPEG header only": (JPEG[:20], "damaged or cut short"),
    "a pixel": (encoded(Image.new("RGB", (1, 1)), "PNG"), "1 × 1 pixels, and no side may be under 16"),
    "a line": (encoded(Image.new("RGB", (4000, 1)), "PNG"), "4000 × 1 pixels, and no side may be under 16"),
    "a bomb": (png_header(60_000, 60_000), "60000 × 60000 pixels, more than the 200 million allowed"),
    "film": (
        b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1",
        "this is a film, not a picture. impasto video paints films, compare --video measures them",
    ),
    "photo of a phone": (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", "this is no JPEG"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>', "this is no JPEG"),
}


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_told_in_one_line_with_its_name(file, capfd, data, reason):
    path = file(data)
    with pytest.raises(ImageError, match=reason) as caught:
        read(path, SIZE, partial(fit, longest=512))
    assert str(caught.value).startswith(f"{str(path)!r}: ")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_what_would_become_too_thin_is_told(file):
    path = file(encoded(Image.new("RGB", (4000, 40)), "PNG"))
    with pytest.raises(ImageError, match="at the size asked for it is 512 × 5 pixels, and no side may be under 16"):
        read(path, SIZE, partial(fit, longest=512))
    with pytest.raises(ImageError, match="at the size asked for it is 65536 × 655 pixels, more than the 20 million"):
        read(path, SizeSettings(max_megapixels=20), partial(fit, longest=65536))


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    cases = {
        tmp_path / "none.jpg": "there is no such file",
        tmp_path: "this is a folder",
        tmp_path / "pipe.jpg": "no regular file",
        tmp_path / "loop.jpg": "cannot be opened",
        tmp_path / ("x" * 300): "cannot be opened",
        "": "this is a folder",
        "a\0b.jpg": "no such file|cannot be opened",
        "https://example.org/photo.jpg": "there is no such file, for it is an address",
        "data:image/png;base64,iVBORw0KGgo=": "there is no such file, for it is an address",
    }
    for source, reason in cases.items():
        for reader in (partial(read, settings=SIZE), read_record):
            with pytest.raises(ImageError, match=reason) as caught:
                reader(source)
            assert "\n" not in str(caught.value)


def test_odd_names_are_names(tmp_path):
    for name in ("a[page=1].png", "ü 漢.png", "100%.png", "-o.png", os.fsdecode(b"\xff.png")):
        path = tmp_path / name
        path.write_bytes(PNG)
        assert read(path, SIZE).shape == (80, 100)


def test_a_damaged_picture_that_pil_opened_is_told(file):
    with Image.open(file(JPEG[:-100])) as image, pytest.raises(ImageError, match="PIL cannot decode it"):
        read(image, SIZE)


def test_a_file_that_changed_is_read_anew(file):
    assert array(file(encoded(Image.new("RGB", (20, 20), "red"), "PNG"))).mean(axis=(0, 1)).round().tolist() == [
        255,
        0,
        0,
    ]
    assert array(file(encoded(Image.new("RGB", (20, 20), "blue"), "PNG"))).mean(axis=(0, 1)).round().tolist() == [
        0,
        0,
        255,
    ]


exif = Image.Exif()
exif[0x0112] = 6
SEEDS = [
    encoded(
        Image.fromarray(smooth(20, 24)), "JPEG", exif=exif, icc_profile=pyvips.Operation.call("profile_load", "p3")
    ),
    encoded(Image.fromarray(smooth(20, 24)), "PNG"),
    encoded(Image.fromarray(smooth(20, 24)).convert("P"), "PNG"),
    encoded(Image.fromarray(smooth(20, 24)), "WEBP"),
    encoded(Image.fromarray(smooth(20, 24)), "TIFF", compression="tiff_lzw"),
    encoded(Image.fromarray(smooth(20, 24)), "AVIF"),
    encoded(Image.fromarray(smooth(20, 24)), "GIF"),
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    st.floats(0, 1) | st.just(1.0),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_files_give_a_picture_or_an_image_error(tmp_path, data, changes, kept):
    mutated = bytearray(data)
    for place, value in changes:
        mutated[place % len(data)] = value
    path = tmp_path / "mutated"
    path.write_bytes(mutated[: round(kept * len(data))])
    assert_read_or_told(path, SizeSettings(max_megapixels=1), partial(fit, longest=32))
    with suppress(ImageError):
        assert read_record(path) is None


def half(height: int, width: int) -> tuple[int, int]:
    return height // 2, width // 2


def test_a_picture_that_was_lately_read_is_not_decoded_again(tmp_path):
    path = tmp_path / "style.png"
    Image.fromarray(smooth(48, 64)).save(path)
    first = read_again(path, SIZE, half)
    assert read_again(str(path), SIZE, half) is first
    assert torch.equal(first.pixels, read(path, SIZE, half).pixels)
    assert read_again(path, SIZE, lambda height, width: (height, width)).shape == (48, 64)


def test_a_file_that_was_written_anew_is_read_anew(tmp_path):
    path = tmp_path / "style.png"
    Image.fromarray(smooth(48, 64)).save(path)
    first = read_again(path, SIZE, half)
    Image.new("RGB", (64, 48), "red").save(path)
    again = read_again(path, SIZE, half)
    assert not torch.equal(again.pixels, first.pixels)
    assert torch.equal(again.pixels, read(path, SIZE, half).pixels)


def test_few_pictures_are_kept_and_no_large_ones(tmp_path, monkeypatch):
    paths = [tmp_path / f"{number}.png" for number in range(reading._KEPT + 1)]
    for path in paths:
        Image.fromarray(smooth(48, 64)).save(path)
    first, *_ = [read_again(path, SIZE, half) for path in paths]
    assert read_again(paths[0], SIZE, half) is not first
    assert len(reading._lately) == reading._KEPT
    monkeypatch.setattr(reading, "_SMALL", 100)
    assert read_again(paths[1], SIZE, lambda h, w: (h, w)) is not read_again(paths[1], SIZE, lambda h, w: (h, w))


def test_what_cannot_be_read_again_is_told_as_the_first_time(tmp_path):
    (tmp_path / "empty.png").touch()
    Image.fromarray(smooth(20, 20)).save(tmp_path / "small.png")
    for name in ("missing.png", "empty.png", "small.png", ".", "\0"):
        told = []
        for reader in (read, read_again):
            with pytest.raises(ImageError) as error:
                reader(tmp_path / name, SIZE, half)
            told.append(str(error.value))
        assert told[0] == told[1]
    assert torch.equal(read_again(smooth(64, 48), SIZE, half).pixels, read(smooth(64, 48), SIZE, half).pixels)
