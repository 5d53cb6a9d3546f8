import json
from pathlib import Path
from typing import get_args

import pytest
import torch
from PIL import Image

from impasto import __version__
from impasto.settings import StylizeSettings

from .conftest import TINY, Impasto

PAINT = ("stylize", "photo.png", "style.png", "-o")


def test_the_picture_is_written_and_announced(folder: Path, impasto: Impasto) -> None:
    ended = impasto(*PAINT, "out.png", "--size", 32, "--iterations", 2)
    assert ended.code == 0
    assert ended.out == ""
    assert ended.err.startswith("out.png: 32×27, 2 steps in 0:0")
    assert ended.err.endswith("all steps done\n")
    assert Image.open(folder / "out.png").size == (32, 27)


def test_quiet_says_nothing(impasto: Impasto) -> None:
    ended = impasto(*PAINT, "out.png", *TINY)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_an_old_picture_is_replaced(folder: Path, impasto: Impasto) -> None:
    (folder / "out.jpg").write_bytes(b"an old picture")
    assert impasto(*PAINT, "out.jpg", *TINY).code == 0
    assert Image.open(folder / "out.jpg").format == "JPEG"


def test_json_tells_what_was_done(impasto: Impasto) -> None:
    ended = impasto(*PAINT, "out.png", "--json", "--strength", 0.75, *TINY)
    told = json.loads(ended.out)
    assert told["output"] == "out.png"
    assert (told["width"], told["height"]) == (32, 27)
    assert (told["steps"], told["stopped"], told["notes"]) == (2, "iterations", [])
    assert told["loss"] == pytest.approx(sum(told["losses"].values()))
    assert told["settings"] == StylizeSettings(size=32, iterations=2, strength=0.75).model_dump(mode="json")
    assert told["computed"].keys() == {"device", "precision", "threads"}
    assert told["computed"]["threads"] == torch.get_num_threads()
    assert told["version"] == __version__
    assert told["seconds"] > 0


def test_several_styles(impasto: Impasto) -> None:
    words = [
        "stylize",
        "photo.png",
        "style.png",
        "style.png",
        "-o",
        "out.png",
        "--style-weights",
        "3,1",
        "--json",
        *TINY,
    ]
    assert json.loads(impasto(*words).out)["settings"]["style_weights"] == "3,1"


def test_the_same_seed_gives_the_same_bytes(folder: Path, impasto: Impasto) -> None:
    for name, seed in (("first.png", 7), ("again.png", 7), ("other.png", 8)):
        assert impasto(*PAINT, name, "--init", "noise", "--seed", seed, *TINY).code == 0
    first, again, other = ((folder / name).read_bytes() for name in ("first.png", "again.png", "other.png"))
    assert first == again
    assert Image.open(folder / "first.png").tobytes() != Image.open(folder / "other.png").tobytes()
    assert first != other


def test_like_repeats_the_settings_and_flags_win_over_it(folder: Path, impasto: Impasto) -> None:
    words = ["--strength", 0.9, "--color", "gray", "--style-layers", "relu1_1:4,relu2_1", "--tolerance", 0.001]
    first = json.loads(impasto(*PAINT, "out.png", *words, *TINY, "--json").out)["settings"]
    assert first["strength"] == 0.9

    same = impasto(*PAINT, "same.png", "--like", "out.png", "--quiet", "--json")
    assert json.loads(same.out)["settings"] == first
    assert (folder / "same.png").read_bytes() == (folder / "out.png").read_bytes()

    changed = impasto(*PAINT, "changed.png", "--like", "out.png", "--strength", 0.5, "--quiet", "--json")
    assert json.loads(changed.out)["settings"] == first | {"strength": 0.5}


def test_faces_are_kept_as_the_method_has_it_whatever_like_had(folder: Path, impasto: Impasto) -> None:
    """Nobody asked for it there."""
    for name, preset in (("fast.png", "fast"), ("search.png", "draft")):
        assert impasto(*PAINT, name, "--preset", preset, "--size", 64, "--iterations", 1, "--quiet").code == 0
    for like, preset, kept in (
        ("fast.png", "draft", "faces"),
        ("search.png", "fast", ""),
        ("search.png", "draft", "faces"),
    ):
        told = impasto(
            *PAINT, "out.png", "--like", like, "--preset", preset, "--iterations", 1, "--quiet", "--json"
        ).out
        assert json.loads(told)["settings"]["protect"] == kept
    assert impasto(*PAINT, "none.png", "--protect", "none", *TINY).code == 0
    told = impasto(*PAINT, "out.png", "--like", "none.png", "--quiet", "--json").out
    assert json.loads(told)["settings"]["protect"] == "", "that was asked for"


def test_like_leaves_out_what_was_drawn_over_the_other_photo(folder: Path, impasto: Impasto) -> None:
    Image.new("L", (40, 40), 255).save(folder / "white.png")
    first = json.loads(impasto(*PAINT, "out.png", "--mask", "white.png", *TINY, "--json").out)["settings"]
    (folder / "white.png").unlink()
    ended = impasto(*PAINT, "same.png", "--like", "out.png", "--json")
    assert json.loads(ended.out)["settings"] == first | {"mask": ""}
    assert "--mask of out.png was left out" in ended.err


def test_like_leaves_out_a_start_that_is_a_picture(folder: Path, impasto: Impasto) -> None:
    for start, kept in (("noise", "noise"), ("style.png", "content")):
        assert impasto(*PAINT, "out.png", "--init", start, *TINY).code == 0
        ended = impasto(*PAINT, "same.png", "--like", "out.png", "--json")
        assert json.loads(ended.out)["settings"]["init"] == kept
        assert ("--init of out.png was left out" in ended.err) == (start == "style.png")


def test_a_fault_that_like_brought_is_said_to_come_from_there(impasto: Impasto) -> None:
    two = ["stylize", "photo.png", "style.png", "style.png", "-o", "two.png", "--style-weights", "2,1"]
    assert impasto(*two, *TINY).code == 0
    ended = impasto(*PAINT, "one.png", "--like", "two.png")
    assert ended.code == 2
    assert "It came with --like two.png." in ended.err
    assert "--like" not in impasto(*PAINT, "one.png", "--like", "two.png", "--style-weights", "1,2").err


def test_like_may_name_the_picture_that_is_replaced(impasto: Impasto) -> None:
    assert impasto(*PAINT, "out.png", *TINY).code == 0
    assert impasto(*PAINT, "out.png", "--like", "out.png", "--quiet").code == 0


def test_trace_preview_and_plot(folder: Path, impasto: Impasto) -> None:
    files = ["--trace", "losses.json", "--preview", "now.jpg", "--plot", "losses.png"]
    told = json.loads(impasto(*PAINT, "out.png", "--json", *files, *TINY).out)
    trace = json.loads((folder / "losses.json").read_text())
    assert trace["settings"] == told["settings"]
    assert trace["stopped"] == "iterations"
    assert [entry["step"] for entry in trace["steps"]] == [1, 2]
    assert trace["steps"][-1]["loss"] == told["loss"]
    assert trace["steps"][-1]["losses"] == told["losses"]
    assert Image.open(folder / "now.jpg").size == (32, 27)
    assert Image.open(folder / "losses.png").format == "PNG"
    names = {"photo.png", "style.png", "out.png", "losses.json", "now.jpg", "losses.png"}
    assert {path.name for path in folder.iterdir()} == names


def test_every_end_of_a_run_has_its_words() -> None:
    from impasto.cli.stylize import _REASONS
    from impasto.engine.optimize import Stopped

    assert set(_REASONS) == set(get_args(Stopped))


@pytest.mark.parametrize("side", ["--preview", "--plot"])
def test_no_file_is_written_twice(folder: Path, impasto: Impasto, side: str) -> None:
    told = impasto(*PAINT, "out.png", side, "out.png", *TINY)
    assert told.code == 2
    assert "also an input of this run, or another output" in told.err
    assert not (folder / "out.png").exists()


def test_a_start_is_not_overwritten_by_a_preview(folder: Path, impasto: Impasto) -> None:
    before = (folder / "style.png").read_bytes()
    told = impasto(
        "stylize", "photo.png", "photo.png", "-o", "out.png", "--init", "style.png", "--preview", "style.png"
    )
    assert told.code == 2
    assert (folder / "style.png").read_bytes() == before


def test_a_checkpoint_is_gone_on_from_only_where_that_is_said(impasto: Impasto, folder: Path) -> None:
    words = ("stylize", "photo.png", "style.png", "-o", "out.png", *TINY)
    assert "from which file? Add --checkpoint FILE" in impasto(*words, "--resume").err
    anew = impasto(*words, "--checkpoint", "run.checkpoint", "--resume", "--json")
    assert anew.code == 0  # none is there yet
    assert "there was no checkpoint to go on from, so it began anew" in anew.out
    assert not (folder / "run.checkpoint").exists()  # all is done
    (folder / "run.checkpoint").write_bytes(b"hours of work")
    ended = impasto(*words, "--checkpoint", "run.checkpoint")
    assert ended.code == 2
    assert "'run.checkpoint' is there already. Add --resume to go on from it" in ended.err
    ended = impasto(*words, "--checkpoint", "run.checkpoint", "--resume")
    assert ended.code == 2
    assert "Delete it to begin anew" in ended.err
    assert (folder / "run.checkpoint").read_bytes() == b"hours of work"


def test_a_checkpoint_may_be_no_other_file_of_the_run(impasto: Impasto, folder: Path) -> None:
    words = ("stylize", "photo.png", "style.png", "-o", "out.png", *TINY)
    for taken in ("photo.png", "out.png"):
        ended = impasto(*words, "--checkpoint", taken, "--resume")
        assert ended.code == 2
        assert "is also an input of this run, or another output" in ended.err
