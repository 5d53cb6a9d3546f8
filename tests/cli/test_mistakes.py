"""What a user does wrong: one line, exit code 2, nothing harmed."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from PIL import Image

from .conftest import TINY, Ended, Impasto

OLD = b"an old picture"


def assert_one_line(ended: Ended, *told: str) -> None:
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("impasto: ")
    assert ended.err.count("\n") == 1
    assert ended.err.endswith("\n")
    for words in told:
        assert words.lower() in ended.err.lower()


def text_named_jpg(path: Path) -> None:
    path.write_text("dear diary")


def truncated(path: Path) -> None:
    Image.effect_noise((64, 64), 50).convert("RGB").save(path, "jpeg")
    path.write_bytes(path.read_bytes()[:-800])


def one_color(width: int, height: int) -> Callable[[Path], None]:
    return lambda path: Image.new("RGB", (width, height)).save(path, "png")


PICTURES = {
    "missing": (lambda path: None, "no such file"),
    "folder": (Path.mkdir, "folder"),
    "text": (text_named_jpg, "no JPEG"),
    "truncated": (truncated, "cut short"),
    "empty": (Path.touch, "0 bytes"),
    "1x1": (one_color(1, 1), "1 × 1"),
    "1x4000": (one_color(1, 4000), "1 × 4000"),
    "huge": (one_color(2000, 1500), "megapixels"),
}


@pytest.mark.parametrize("place", ["content", "style"])
@pytest.mark.parametrize("kind", PICTURES)
def test_pictures(kind: str, place: str, folder: Path, impasto: Impasto) -> None:
    make, told = PICTURES[kind]
    make(folder / "bad.jpg")
    (folder / "out.png").write_bytes(OLD)
    inputs = ("bad.jpg", "style.png") if place == "content" else ("photo.png", "bad.jpg")
    ended = impasto("stylize", *inputs, "-o", "out.png", "--max-megapixels", 2, *TINY)
    assert_one_line(ended, "bad.jpg", told)
    assert (folder / "out.png").read_bytes() == OLD


WORDS = {
    "option": (["--stength", "1"], "--strength"),
    "choice": (["--color", "grey"], '"gray"'),
    "number": (["--strength", "much"], "--strength should be a number, such as 0.5 (got 'much')"),
    "range": (["--strength", "1.5"], "strength: should be less than or equal to 1 (got 1.5)"),
    "nan": (["--strength", "nan"], "strength"),
    "size": (["--size", "large"], "--size should be a whole number, or original (got 'large')"),
    "small size": (["--size", "12"], "16"),
    "weights": (["--style-weights", "2,x"], "2,1"),
    "style masks": (
        ["--mask", "photo.png", "--style-mask", "white", "--style-mask", "black"],
        "each with the flag before it: 2 given, 1 needed",
    ),
    "shares": (["--style-weights", "2,1"], "2 given, 1 needed"),
    "content layer": (["--content-layers", "relu4_22"], "Did you mean 'relu4_2'?"),
    "style layer": (["--style-layers", "relu1_1:4,rel4_1"], "Did you mean 'relu4_1'?"),
    "layer weight": (["--style-layers", "relu1_1:x"], "relu1_1:4"),
    "network": (["--content-network", "vgg91"], "Did you mean 'vgg19'?"),
    "network file": (["--style-network", "nowhere.pth"], "nowhere.pth"),
    "network is a picture": (["--style-network", "style.png"], "style.png"),
    "device name": (["--device", "gpu"], "cuda"),
    "no such device": (["--device", "cuda:77"], "--device auto"),
    "depth": (["-o", "out.jpg", "--depth", "16"], ".png or .tif"),
    "start": (["--init", "nothing.png"], "nothing.png"),
    "twice": (["--seed", "1", "--seed", "2"], "--seed"),
    "value missing": (["--seed"], "--seed"),
    "size that does not fit": (["--size", "65536", "--max-megapixels", "10000"], "--size"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_words(kind: str, folder: Path, impasto: Impasto) -> None:
    words, told = WORDS[kind]
    output = [] if "-o" in words else ["-o", "out.png"]
    tiny = [] if "--size" in words else TINY
    before = sorted(folder.iterdir())
    assert_one_line(impasto("stylize", "photo.png", "style.png", *output, *tiny, *words), told)
    assert sorted(folder.iterdir()) == before


def test_a_size_that_does_not_fit_names_one_that_does(impasto: Impasto) -> None:
    words = ["stylize", "photo.png", "style.png", "-o", "out.png", "--max-megapixels", "10000", "--size"]
    told = impasto(*words, "65536")
    fitting = int(told.err.split("--size ")[1].split()[0])
    assert 512 < fitting < 65536


OUTPUTS = {
    "no folder": ("nowhere/out.png", "no folder"),
    "a folder": (".", "picture to write"),
    "folder.png": ("folder.png", "is a folder"),
    "no ending": ("out", "picture to write: .jpg, "),
    "format": ("out.pgn", "picture to write: .jpg, .jpeg, .png, "),
    "not for writing": ("out.gif", "picture to write"),
    "an input": ("photo.png", "also an input"),
    "an input by another way": ("folder.png/../style.png", "also an input"),
}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_outputs(kind: str, folder: Path, impasto: Impasto) -> None:
    path, told = OUTPUTS[kind]
    (folder / "folder.png").mkdir()
    photo = (folder / "photo.png").read_bytes()
    assert_one_line(impasto("stylize", "photo.png", "style.png", "-o", path, *TINY), told)
    assert (folder / "photo.png").read_bytes() == photo


SIDE_FILES = {
    "preview in no folder": (["--preview", "nowhere/now.png"], "no folder"),
    "preview of no format": (["--preview", "now.txt"], "now.txt"),
    "preview over the photo": (["--preview", "photo.png"], "also an input"),
    "trace in no folder": (["--trace", "nowhere/losses.json"], "no folder"),
    "trace of another format": (["--trace", "losses.csv"], "should end in .json"),
    "trace on a folder": (["--trace", "folder.json"], "is a folder"),
    "plot of another format": (["--plot", "losses.gif"], "should end in .png or .svg or .pdf"),
    "plot in no folder": (["--plot", "nowhere/losses.png"], "no folder"),
    "like nothing": (["--like", "nowhere.png"], "no such file"),
    "like a picture of another program": (["--like", "style.png"], "holds no settings"),
}


@pytest.mark.parametrize("kind", SIDE_FILES)
def test_side_files_are_checked_before_the_work(kind: str, folder: Path, impasto: Impasto) -> None:
    words, told = SIDE_FILES[kind]
    (folder / "folder.json").mkdir()
    assert_one_line(impasto("stylize", "photo.png", "style.png", "-o", "out.png", *TINY, *words), told)
    assert not (folder / "out.png").exists()


def test_plot_without_matplotlib_says_what_to_install(impasto: Impasto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impasto.cli.watchers.find_spec", lambda name: None)
    ended = impasto("stylize", "photo.png", "style.png", "-o", "out.png", "--plot", "p.png", *TINY)
    assert_one_line(ended, "-m pip install 'matplotlib")


@pytest.mark.parametrize(
    "words", [["stylize"], ["stylize", "photo.png"], ["stylize", "photo.png", "style.png"], ["stylize", "-o", "x.png"]]
)
def test_too_few_words(words: list[str], impasto: Impasto) -> None:
    assert_one_line(impasto(*words), "See impasto stylize --help.")


@pytest.mark.parametrize(
    "words", [["style", "save", "my", "photo.png", "-o", "my.style"], ["export", "my", "-o", "x.onnx"]]
)
def test_too_many_words(words: list[str], impasto: Impasto) -> None:
    assert_one_line(impasto(*words), "is one word too many", " --help.")


def vgg19_like(spoil: Callable[[dict[str, torch.Tensor]], object], path: Path) -> None:
    """A file in torchvision's layout, up to relu2_1, that `spoil` spoils."""
    shapes = {0: (64, 3), 2: (64, 64), 5: (128, 64), 7: (128, 128)}
    found = {f"features.{index}.weight": torch.zeros(*shape, 3, 3) for index, shape in shapes.items()}
    found |= {f"features.{index}.bias": torch.zeros(shape[0]) for index, shape in shapes.items()}
    spoil(found)
    safetensors.torch.save_file(found, path)


SPOILT: dict[str, Callable[[dict[str, torch.Tensor]], object]] = {
    "shape": lambda found: found.update({"features.2.weight": torch.zeros(64, 32, 3, 3)}),
    "nan": lambda found: found["features.2.weight"].fill_(float("nan")),
    "lacking": lambda found: found.pop("features.2.bias"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_spoilt_weights(kind: str, folder: Path, impasto: Impasto) -> None:
    vgg19_like(SPOILT[kind], folder / "mine.safetensors")
    words = ["--content-network", "mine.safetensors", *TINY]
    assert_one_line(impasto("stylize", "photo.png", "style.png", "-o", "out.png", *words), "mine.safetensors")


def in_a_process(words: list[str], folder: Path, before: Callable[[], None] = lambda: None) -> Ended:
    command = [sys.executable, "-m", "impasto", *words]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        command, cwd=folder, env=one_thread, capture_output=True, text=True, timeout=120, preexec_fn=before
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def no_more_than_a_kilobyte() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


def test_a_full_disk_leaves_the_old_picture_whole(folder: Path) -> None:
    (folder / "out.png").write_bytes(OLD)
    words = ["stylize", "photo.png", "style.png", "-o", "out.png", *TINY]
    before = sorted(folder.iterdir())
    assert_one_line(in_a_process(words, folder, no_more_than_a_kilobyte), "out.png", "make room")
    assert (folder / "out.png").read_bytes() == OLD
    assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_writable(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o500)
    words = ["stylize", "photo.png", "style.png", "-o", "closed/out.png", *TINY]
    assert_one_line(in_a_process(words, folder), "closed/out.png")


def test_a_folder_in_which_nobody_may_write(impasto: Impasto) -> None:
    assert_one_line(impasto("stylize", "photo.png", "style.png", "-o", "/proc/out.png", *TINY), "/proc/out.png")


def test_decoders_say_nothing_of_their_own(folder: Path) -> None:
    truncated(folder / "bad.jpg")
    words = ["stylize", "bad.jpg", "style.png", "-o", "out.png", *TINY]
    assert_one_line(in_a_process(words, folder), "bad.jpg")
