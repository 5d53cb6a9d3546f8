import os
import signal
import time
from threading import Timer

import numpy as np
import pytest
import pyvips

from impasto.cli.ready import get_ready


def test_ctrl_c_while_libvips_works_is_not_lost() -> None:
    get_ready(quiet=True)
    noise = np.random.default_rng(0).integers(0, 255, (2000, 2000, 3), dtype=np.uint8)

    def work() -> None:
        Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        pyvips.Image.new_from_array(noise).write_to_buffer(".png")
        time.sleep(2)  # one that was lost does not come after

    with pytest.raises(KeyboardInterrupt):
        work()


def test_warnings_are_told_to_python_still(caplog: pytest.LogCaptureFixture) -> None:
    get_ready(quiet=True)
    picture = pyvips.Image.black(16, 16).copy()
    picture.set_type(pyvips.GValue.blob_type, "icc-profile-data", b"no profile" * 20)
    with pytest.raises(pyvips.Error):
        picture.icc_transform("srgb", embedded=True)
    assert "VIPS: corrupt profile" in caplog.text
