"""`impasto train` from words to a file, which `impasto stylize` paints with."""

from pathlib import Path

import pytest
from PIL import Image

from .conftest import Impasto

TINY = ("--steps", "1", "--batch", "1", "--side", "64")


def test_folders_become_a_network_that_paints(impasto: Impasto, folder: Path) -> None:
    ended = impasto("train", ".", "--styles", ".", "-o", "painter.safetensors", *TINY)
    assert ended.code == 0, ended.err
    assert "step 1, 100.0%" in ended.err
    assert ended.err.endswith("painter.safetensors: give it as --painter, with --preset fast.\n")
    Image.open("photo.png").resize((288, 240)).save("large.png")
    ended = impasto(
        "stylize",
        "large.png",
        "style.png",
        "-o",
        "out.png",
        "--method",
        "feedforward",
        "--painter",
        "painter.safetensors",
    )
    assert ended.code == 0, ended.err
    assert ended.err.startswith("out.png: 512×427, ")
    assert ended.err.endswith("painted in one pass\n")
    quiet = impasto("train", ".", "--styles", ".", "-o", "other.safetensors", *TINY, "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_what_is_finished_is_not_begun_anew(impasto: Impasto, folder: Path) -> None:
    (folder / "painter.safetensors").write_bytes(b"hours of work")
    ended = impasto("train", ".", "--styles", ".", "-o", "painter.safetensors", *TINY)
    assert ended.code == 2
    assert "'painter.safetensors' is there already, and finished" in ended.err
    assert (folder / "painter.safetensors").read_bytes() == b"hours of work"
    (folder / "photo.sheet.png").write_bytes(b"a picture")
    ended = impasto("train", ".", "--styles", ".", "-o", "photo.safetensors", *TINY)
    assert ended.code == 2
    assert "'photo.sheet.png' is there already" in ended.err
    assert (folder / "photo.sheet.png").read_bytes() == b"a picture"


def test_of_several_processes_the_first_one_speaks(impasto: Impasto, folder: Path, monkeypatch) -> None:
    monkeypatch.setenv("RANK", "1")
    ended = impasto("train", ".", "--styles", ".", "-o", "painter.safetensors", *TINY)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert "finished" in impasto("train", ".", "--styles", ".", "-o", "painter.safetensors", *TINY).err


@pytest.mark.parametrize(("rank", "told"), [("0", "stopped: it had only just begun\n"), ("1", "")])
def test_of_several_processes_that_are_stopped_the_first_one_says_so(
    rank: str, told: str, impasto: Impasto, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("RANK", rank)
    monkeypatch.setattr("impasto.training.feedforward.train", stopped)
    ended = impasto("train", ".", "--styles", ".", "-o", "painter.safetensors", *TINY)
    assert (ended.code, ended.err) == (130, told)


def test_what_cannot_be_is_said_in_a_line(impasto: Impasto) -> None:
    for words, told in {
        ("photo.png", "--styles", ".", "-o", "a.safetensors"): "photo.png: it is a file. Name folders of photos",
        ("--styles", ".", ".", "-o", "a.safetensors"): "PHOTOS",
        ("nowhere", "--styles", ".", "-o", "a.safetensors"): "a folder with two pictures or more is needed",
        (".", "--styles", ".", "-o", "a.bin"): ".safetensors",
        (".", "--styles", ".", "-o", "a.safetensors", "--side", "65"): "side",
        (".", "--styles", ".", "-o", "a.safetensors", "--loss-network", "vgg20"): "there is no network",
    }.items():
        ended = impasto("train", *words)
        assert ended.code == 2
        assert told in ended.err
        assert len(ended.err.splitlines()) == 1


def test_one_pass_has_no_steps_to_write_of(impasto: Impasto) -> None:
    for file in (("--plot", "a.png"), ("--trace", "a.json"), ("--checkpoint", "a.checkpoint")):
        ended = impasto("stylize", "photo.png", "style.png", "-o", "out.png", "--method", "feedforward", *file)
        assert ended.code == 2
        assert "one pass has no steps" in ended.err
