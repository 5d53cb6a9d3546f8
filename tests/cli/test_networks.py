import json
from pathlib import Path

import pytest

from impasto import networks

from .conftest import Impasto


def test_the_table_names_layers_size_license_and_weights(impasto: Impasto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    out = impasto("networks").out
    for spec in networks.specs():
        for told in (spec.name, " ".join(spec.layers), spec.license, spec.weights, f"{spec.size_bytes / 1e6:.1f} MB"):
            assert told in out
    assert ".safetensors" in out


def test_json_says_which_weights_are_on_this_machine(
    impasto: Impasto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path))
    told = {spec["name"]: spec for spec in json.loads(impasto("networks", "--json").out)}
    assert list(told) == [spec.name for spec in networks.specs()]
    assert told["vgg19"]["here"]
    assert Path(told["vgg19"]["weights"]).is_file()
    assert not told["vgg16-torchvision"]["here"]
    assert told["vgg16-torchvision"]["weights"].startswith("https://")
    assert told["vgg19"]["content_layers"] == ["relu4_2"]
