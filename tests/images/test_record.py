import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from images.pictures import WRITABLE, encoded, picture
from PIL import Image

from impasto.errors import ImageError
from impasto.images import read_record, write
from impasto.images.record import pack, unpack
from impasto.settings import FileSettings, StylizeSettings

PLAIN = FileSettings()
RECORD = '{"init": "a <b> & \\"c\\" \\u0000 é 漢 🎨.png", "size": 512, "tolerance": 1e-05}'


@pytest.mark.parametrize("suffix", WRITABLE)
@pytest.mark.parametrize("alpha", [False, True])
def test_each_format_gives_the_record_back(tmp_path, suffix, alpha):
    assert read_record(write(picture(alpha), tmp_path / f"a{suffix}", PLAIN, record=RECORD)) == RECORD


def test_settings_come_back_as_they_were(tmp_path):
    settings = StylizeSettings(size=700, style_weights="2,1", seconds=1.5, depth=16)
    path = write(picture(), tmp_path / "a.png", settings, record=settings.model_dump_json())
    assert StylizeSettings.checked(json.loads(read_record(path))) == settings


@pytest.mark.parametrize("suffix", [*WRITABLE, ".gif"])
def test_a_picture_without_a_record_has_none(tmp_path, suffix):
    if suffix != ".gif":
        assert read_record(write(picture(), tmp_path / f"a{suffix}", PLAIN)) is None
    kind = {".jpg": "JPEG", ".tif": "TIFF"}.get(suffix, suffix[1:].upper())
    (tmp_path / f"b{suffix}").write_bytes(encoded(Image.new("RGB", (20, 20)), kind))
    assert read_record(tmp_path / f"b{suffix}") is None


def test_metadata_of_other_programs_is_no_record():
    assert unpack(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>") is None
    assert unpack(b"no XML at all \xff") is None


def test_a_damaged_record_is_told(tmp_path):
    whole = pack(RECORD)
    for damaged in (whole[:-60], whole.replace(b"</impasto", b"</other"), whole.replace(b"&lt;", b"<")):
        with pytest.raises(ImageError, match="its settings are damaged") as caught:
            unpack(damaged)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["klingon", "hex", "utf-7", "shift_jis"])
def test_a_record_in_an_encoding_that_cannot_be_read_is_damaged(encoding):
    body = pack(RECORD).split(b"?>", 1)[1].rsplit(b"<?", 1)[0]
    with pytest.raises(ImageError, match="its settings are damaged") as caught:
        unpack(f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + body)
    assert "\n" not in str(caught.value)


def test_a_damaged_file_is_told_with_its_name(tmp_path):
    (tmp_path / "a.png").write_bytes(write(picture(), tmp_path / "b.png", PLAIN, RECORD).read_bytes()[:60])
    with pytest.raises(ImageError, match=r"a\.png': it is damaged"):
        read_record(tmp_path / "a.png")


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.floats(allow_nan=False) | st.text()))
def test_any_json_survives_the_packet(values):
    record = json.dumps(values)
    assert unpack(pack(record)) == record


@given(st.binary())
def test_any_bytes_are_a_record_or_none_or_damaged(noise):
    assert unpack(noise) is None
    with suppress(ImageError):
        assert isinstance(unpack(pack(RECORD)[:-100] + noise), str)
