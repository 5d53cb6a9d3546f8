import pytest
from images.pictures import encoded
from PIL import Image

from impasto.images.formats import FORMATS, READABLE, format_of_content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF"])
def test_a_file_of_pil_is_known_by_its_first_bytes(kind):
    found = format_of_content(encoded(Image.new("RGB", (20, 20)), kind)[:16])
    assert found is not None
    assert found.name.upper() == kind


@pytest.mark.parametrize("head", [b"", b"\xff\xd8", b"<svg", b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypmp42"])
def test_other_beginnings_are_no_picture(head):
    assert format_of_content(head) is None


def test_each_ending_names_one_format():
    endings = [suffix for format in FORMATS for suffix in format.suffixes]
    assert len(endings) == len(set(endings))
    assert READABLE == "JPEG, PNG, WebP, TIFF, AVIF or GIF"
