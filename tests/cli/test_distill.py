"""`impasto distill` from words to a file, and what it says when it cannot."""

from pathlib import Path

from impasto.networks import load

from .conftest import Impasto

TINY = ("--widths", "3,3,3,3,3", "--steps", "1", "--batch", "1", "--side", "64")


def test_folders_become_a_student(impasto: Impasto, folder: Path) -> None:
    ended = impasto("distill", ".", "-o", "tiny.safetensors", *TINY)
    assert ended.code == 0, ended.err
    assert "step 1 of 1" in ended.err
    assert "errors on pictures never seen: relu1_1 " in ended.err
    assert load(str(folder / "tiny.safetensors")).spec.teacher == "vgg19"
    assert "is there already, and finished" in impasto("distill", ".", "-o", "tiny.safetensors", *TINY).err
    quiet = impasto("distill", ".", "-o", "other.safetensors", *TINY, "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_what_cannot_be_is_said_in_a_line(impasto: Impasto, folder: Path) -> None:
    for words, told in {
        ("nowhere", "-o", "a.safetensors"): "a folder with two pictures or more is needed",
        (".", "-o", "a.bin"): ".safetensors",
        (".", "-o", "nowhere/a.safetensors"): "there is no folder",
        (".", "-o", "a.safetensors", "--widths", "1,2"): "write five whole numbers",
    }.items():
        ended = impasto("distill", *words)
        assert ended.code == 2
        assert told in ended.err
        assert len(ended.err.splitlines()) == 1
