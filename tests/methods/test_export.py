"""ONNX paints what torch paints, at any size, and needs nothing of impasto."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from impasto.engine.looks import look, share_of, size_of_a_look, vector
from impasto.errors import WeightsError
from impasto.methods import export
from impasto.methods.export import Paints, exported
from impasto.networks import adaptation
from impasto.networks.adaptation import adapted, begun, sizes
from impasto.networks.feedforward import FeedForward
from impasto.networks.hand import PaintingConvolution

RUNS = """
import sys
sys.modules.update(dict.fromkeys(("torch", "impasto", "onnx", "onnxscript")))  # none of them can be imported
import numpy as np, onnxruntime
paint, looks = (onnxruntime.InferenceSession(path) for path in sys.argv[1:3])
image = np.random.RandomState(0).rand(1, 3, 72, 104).astype("f")
(style,) = looks.run(None, {"image": image})
learned = np.zeros(paint.get_inputs()[3].shape, "f")
(painted,) = paint.run(None, {"image": image, "style": style, "strength": np.ones(1, "f"), "learned": learned})
assert painted.shape == image.shape and 0 <= painted.min() < painted.max() <= 1, painted
"""


@pytest.fixture(scope="module")
def network() -> FeedForward:
    torch.manual_seed(0)
    network = FeedForward((4, 6, 8)).eval()
    for part in network.modules():
        if isinstance(part, PaintingConvolution):
            torch.nn.init.normal_(part.wide, std=0.1)
    return network.requires_grad_(False)


@pytest.fixture(scope="module")
def files(network: FeedForward) -> tuple[bytes, bytes]:
    return exported(network)


@pytest.mark.parametrize("size", [(32, 32), (40, 264), (256, 72)])
@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_it_paints_what_torch_paints(
    network: FeedForward, files: tuple[bytes, bytes], size: tuple[int, int], strength: float
) -> None:
    image, style = torch.rand(1, 3, *size), torch.rand(1, 3, 64, 48)
    paint, looks = map(onnxruntime.InferenceSession, files)
    own = begun(network, torch.Generator().manual_seed(0))
    learned = {name: 0.1 * torch.randn_like(part) for name, part in own.items()}
    as_learned = adapted(network, [(learned, share_of(strength))])
    with torch.inference_mode():
        known = vector(look(network, style))
        expected = Paints(as_learned)(image, known, torch.tensor([strength]))
    (found,) = looks.run(None, {"image": style.numpy()})
    np.testing.assert_allclose(found, known, atol=1e-4)
    given = {"image": image.numpy(), "style": found, "strength": np.float32([strength])}
    given["learned"] = adaptation.vector(learned).numpy()
    (painted,) = paint.run(None, given)
    np.testing.assert_allclose(painted, expected, atol=1e-3)
    if not strength:
        np.testing.assert_allclose(painted, image, atol=1e-6)


def test_onnxruntime_alone_runs_it(files: tuple[bytes, bytes], tmp_path: Path) -> None:
    for name, content in zip(("paint.onnx", "looks.onnx"), files, strict=True):
        (tmp_path / name).write_bytes(content)
    words = [sys.executable, "-c", RUNS, "paint.onnx", "looks.onnx"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_what_differs_from_torch_is_not_given_out(network: FeedForward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_OFF", 0.0)
    with pytest.raises(WeightsError, match="something else than torch"):
        exported(network)


def test_the_numbers_of_a_style_are_as_many_as_the_file_takes(network: FeedForward, files: tuple[bytes, bytes]) -> None:
    inputs = {each.name: each.shape for each in onnxruntime.InferenceSession(files[0]).get_inputs()}
    assert inputs["style"] == [1, size_of_a_look(network)]
    assert inputs["learned"] == [1, sum(shape.numel() for shape in sizes(network).values())]


def test_of_one_style_it_is_not_asked_what_was_learned(network: FeedForward) -> None:
    inputs = onnxruntime.InferenceSession(exported(network, any_style=False)[0]).get_inputs()
    assert [each.name for each in inputs] == ["image", "style", "strength"]


def test_what_is_exported_stays_as_it_is(network: FeedForward, files: tuple[bytes, bytes]) -> None:
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_what_the_caller_has_chosen_stays_chosen(network: FeedForward) -> None:
    before, told = torch.get_rng_state(), logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        exported(network, any_style=False)
        assert logging.root.manager.disable == logging.INFO
    finally:
        logging.disable(told)
    assert torch.equal(torch.get_rng_state(), before)
