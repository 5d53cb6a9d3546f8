import platform

import torch

from impasto import __version__

from .conftest import Impasto


def test_versions_and_devices_are_told(impasto: Impasto) -> None:
    ended = impasto("info")
    told = dict(line.strip().split("  ", 1) for line in ended.out.splitlines())
    told = {name: value.strip() for name, value in told.items()}
    assert ended.err == ""
    assert told["impasto"] == __version__
    assert told["torch"] == torch.__version__
    assert told["python"] == platform.python_version()
    assert told["devices"].startswith("cpu")
    assert told["threads"] == str(torch.get_num_threads())
