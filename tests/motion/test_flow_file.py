import struct

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.errors import ImageError
from impasto.motion import read_flow


def test_a_file_by_hand(tmp_path):
    """Two pixels side by side, (x, y) of each in turn."""
    path = tmp_path / "a.flo"
    path.write_bytes(struct.pack("<fii4f", 202021.25, 2, 1, 1.5, -2, 3, 4))
    assert read_flow(path).tolist() == [[[[1.5, 3]], [[-2, 4]]]]


def test_opencv_writes_what_is_read(tmp_path):
    import cv2

    values = np.random.default_rng(0).normal(0, 9, (7, 11, 2)).astype(np.float32)
    cv2.writeOpticalFlow(str(tmp_path / "a.flo"), values)
    assert torch.equal(read_flow(tmp_path / "a.flo")[0].permute(1, 2, 0), torch.from_numpy(values))


@given(st.one_of(st.binary(max_size=40), st.binary(max_size=40).map(lambda rest: b"PIEH" + rest)))
def test_what_is_damaged_is_told_in_one_line(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("flow") / "a.flo"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"^[^\n]*$"):
        read_flow(path)


@pytest.mark.parametrize("name", ["none.flo", "a\0b.flo", "."])
def test_what_cannot_be_opened(tmp_path, name):
    with pytest.raises(ImageError, match="cannot be opened"):
        read_flow(tmp_path / name)
