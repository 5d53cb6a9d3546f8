"""`impasto video`, as it is typed."""

import json
import signal
import sys
from pathlib import Path

import pytest
from methods.films import pan
from PIL import Image
from video.clips import write_clip

from impasto.cli import main
from impasto.video.reading import Film


@pytest.fixture
def clip(photo, tmp_path) -> Path:
    return write_clip(tmp_path / "clip.mp4", pan(photo, 6, width=64, height=48))


def first_frame(clip: Path) -> Path:
    with Film(clip) as film:
        Image.fromarray(next(iter(film.frames())).pixels).save(photo := clip.with_name("photo.png"))
    return photo


def test_a_film_is_made_and_what_was_done_is_said(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, preview = clip.with_name("out.webm"), clip.with_name("now.png")
    words = ["video", str(clip), "scream", "-o", str(output), "--crf", "40", "--preview", str(preview), "--json"]
    assert main(words) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["width"], told["height"], told["frames"], told["stopped"]) == (64, 48, 6, "painted")
    assert told["settings"]["method"] == "feedforward"
    assert "64×48, 6 frames" in said.err
    assert preview.exists()
    with Film(output) as film:
        assert film.info.codec == "vp9"


def test_a_damaged_picture_of_a_folder_is_a_note_and_no_failure(photo, tmp_path: Path, capsys) -> None:
    (folder := tmp_path / "frames").mkdir()
    for number, frame in enumerate(pan(photo, 4, width=64, height=48)):
        Image.fromarray(frame).save(folder / f"{number}.png")
    bad = folder / "2.png"
    bad.write_bytes(bad.read_bytes()[:200])
    assert main(["video", str(folder), "scream", "-o", str(tmp_path / "out.mp4"), "--json"]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["frames"], told["stopped"], len(told["notes"])) == (4, "painted", 1)
    assert f"note: 1 picture was skipped, and a good one beside it shown for its time; '{bad}': it is" in said.err
    for picture in folder.iterdir():
        picture.write_bytes(b"")
    assert main(["video", str(folder), "scream", "-o", str(tmp_path / "none.mp4")]) == 2
    said = capsys.readouterr()
    assert "no picture of it can be read" in said.err
    assert said.err.count("\n") == 1


def test_ctrl_c_ends_after_a_frame_and_says_how_to_go_on(clip: Path, capsys, monkeypatch) -> None:
    from impasto.methods.film_feedforward import FeedForwardFilm

    paint, output = FeedForwardFilm.paint, clip.with_name("out.mp4")

    def pressed(self, cues):
        for number, finished in enumerate(paint(self, cues)):
            if number == 3:
                signal.raise_signal(signal.SIGINT)
            yield finished

    with monkeypatch.context() as patched:
        patched.setattr(FeedForwardFilm, "paint", pressed)
        assert main(["video", str(clip), "scream", "-o", str(output)]) == 130
    assert "--resume goes on" in capsys.readouterr().err
    with Film(output) as film:
        assert len([*film.frames()]) == 4
    assert main(["video", str(clip), "scream", "-o", str(output)]) == 2
    assert "Add --resume" in capsys.readouterr().err
    assert main(["video", str(clip), "scream", "-o", str(output), "--resume", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    with Film(output) as film:
        assert len([*film.frames()]) == 6


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_what_stops_it_before_there_is_a_film_is_said(clip: Path, number, code, said, capsys, monkeypatch) -> None:
    from impasto.jobs import paint_film

    film_painter = paint_film.film_painter

    def stopped(*given):
        signal.raise_signal(number)
        return film_painter(*given)

    monkeypatch.setattr(paint_film, "film_painter", stopped)
    assert main(["video", str(clip), "scream", "-o", str(clip.with_name("out.mp4"))]) == code
    assert capsys.readouterr().err == f"impasto: {said} before there was a picture to save.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.mp4", "scream", "-o", "out.mp4"], "there is no such file"),
        (["scream", "clip.mp4", "-o", "out.mp4"], "The film comes first, then the styles."),
        (["clip.mp4", "scream", "-o", "clip.mp4"], "is also an input of this run"),
        (["clip.mp4", "scream", "-o", "nowhere/out.mp4"], "there is no folder 'nowhere'. Make it first."),
        (["clip.mp4", "scream", "-o", "."], "has no name of its own"),
        (["clip.mp4", "scream", "-o", "out.mp4", "--depth", "16"], "depth: films have 8 bits"),
        (["clip.mp4", "scream", "-o", "out.mp4", "--style-at", "wave.jpg"], "style-at: write a time"),
        (["clip.mp4", "scream", "-o", "out.mp4", "--method", "iterative"], "a search needs a picture"),
        (["clip.mp4", "-o", "out.mp4"], "STYLE is missing"),
    ],
)
def test_mistakes_are_told_in_a_line(clip: Path, words, said, capsys, monkeypatch) -> None:
    monkeypatch.chdir(clip.parent)
    assert main(["video", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in clip.parent.iterdir()) == ["clip.mp4"]


@pytest.mark.parametrize("film", ["frames", "frames/*.png", "f*s/*.png"])
@pytest.mark.parametrize("flags", [["-o", "frames"], ["-o", "out", "--preview", "frames/000001.png"]])
def test_the_frames_that_are_read_are_never_written_over(
    photo, tmp_path: Path, film, flags, capsys, monkeypatch
) -> None:
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    Path("frames").mkdir()
    for number, frame in enumerate(pan(photo, 2), 1):
        Image.fromarray(frame).save(f"frames/{number:06}.png")
    before = [path.read_bytes() for path in sorted(Path("frames").iterdir())]
    assert main(["video", film, "scream", *flags]) == 2
    assert "is also an input of this run" in capsys.readouterr().err
    assert [path.read_bytes() for path in sorted(Path("frames").iterdir())] == before
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]


def test_pictures_that_lie_where_finished_frames_would_are_kept(photo, clip: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(clip.parent)
    (folder := Path("out.mp4.frames")).mkdir()
    for number, frame in enumerate(pan(photo, 2)):
        Image.fromarray(frame).save(folder / f"{number}.png")
    assert main(["video", str(folder), "scream", "-o", "out.mp4"]) == 2
    assert "is also an input of this run" in capsys.readouterr().err
    for flags in ([], ["--resume"]):
        assert main(["video", clip.name, "scream", "-o", "out.mp4", *flags]) == 2
        told = capsys.readouterr().err
        assert "holds other things than finished frames" in told
        assert "elete" not in told
    assert sorted(path.name for path in folder.iterdir()) == ["0.png", "1.png"]


def test_help_loads_neither_torch_nor_ffmpeg(capsys) -> None:
    import subprocess

    code = (
        "import sys; from impasto.cli import main; main(['video', '--help']);"
        "print([name for name in ('torch', 'av', 'cv2', 'numpy') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "--style-at" in done.stdout


@pytest.mark.parametrize("name", ["like.mp4", "like.mov", "like.mkv", "like.webm", "like"])
def test_like_takes_the_settings_that_a_film_keeps(clip: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    like, again, picture = (clip.with_name(other) for other in (name, "again.mkv", "still.png"))
    words = ["video", str(clip), "scream", "--strength", "0.3", "--end", "0.2"]
    assert main([*words, "-o", str(like), "--quiet"]) == 0
    assert main(["video", str(clip), "scream", "-o", str(again), "--like", str(like), "--seed", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["settings"]["strength"], told["settings"]["seed"]) == (0.3, 3)
    assert (told["settings"]["end"], told["frames"]) == ("", 6), "a part of another film means nothing to this one"
    photo = first_frame(clip)
    assert main(["stylize", str(photo), "scream", "-o", str(picture), "--like", str(like), "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["settings"]["strength"], told["settings"]["method"]) == (0.3, "feedforward")
    assert "end" not in told["settings"]


def test_like_takes_the_settings_of_a_picture(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo, like = first_frame(clip), clip.with_name("like.png")
    assert main(["stylize", str(photo), "scream", "-o", str(like), "--preset", "fast", "--size", "48", "--quiet"]) == 0
    output = str(clip.with_name("out.mkv"))
    assert main(["video", str(clip), "scream", "-o", output, "--like", str(like), "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["settings"]["size"], told["settings"]["brushes"], told["width"]) == (48, 1, 48)


def test_faces_that_a_picture_keeps_by_itself_are_none_of_a_films_settings(
    clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, like, output = first_frame(clip), clip.with_name("like.png"), str(clip.with_name("out.mkv"))
    words = ["--size", "64", "--iterations", "1", "--coarsest", "64", "--quiet"]
    assert main(["stylize", str(photo), str(photo), "-o", str(like), *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["protect"] == "faces"
    words = ["--preset", "fast", "--json", "--quiet"]
    assert main(["video", str(clip), "scream", "-o", output, "--like", str(like), *words]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["protect"] == ""


def test_what_films_cannot_have_is_said_to_come_from_like(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo, like = first_frame(clip), str(clip.with_name("like.png"))
    words = ["--preset", "fast", "--size", "64", "--protect", "faces", "--quiet"]
    assert main(["stylize", str(photo), "scream", "-o", like, *words]) == 0
    output = ["-o", str(clip.with_name("out.mkv"))]
    assert main(["video", str(clip), "scream", *output, "--like", like]) == 2
    error = capsys.readouterr().err
    assert "protect: what is found in each frame anew would flicker" in error
    assert error.endswith(f"It came with --like {like}.\n")


def test_a_film_of_another_program_holds_no_settings(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["video", str(clip), "scream", "-o", str(clip.with_name("out.mp4")), "--like", str(clip)]) == 2
    assert "holds no settings" in capsys.readouterr().err
