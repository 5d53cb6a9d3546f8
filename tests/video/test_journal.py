import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from video.clips import drawn, write_clip

from impasto.errors import CheckpointError, OutputError
from impasto.video.journal import Journal

ABOUT = {"film": "abc", "size": 640, "styles": ["wave.jpg"], "strength": 0.8}


def noise(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (33, 47, 3), np.uint8)


def filled(folder: Path, count: int, states: bool = True) -> Journal:
    journal = Journal(folder, ABOUT)
    for number in range(journal.done, count):
        journal.add(number, noise(number), f"state {number}".encode() if states else b"")
    return journal


def files(journal: Journal, kind: str) -> list[str]:
    return sorted(path.name for path in journal.folder.glob(f"*.{kind}"))


def test_frames_and_states_come_back_bit_by_bit(tmp_path):
    filled(tmp_path / "j", 5)
    journal = Journal(tmp_path / "j", ABOUT)
    assert journal.done == 5
    assert all(np.array_equal(journal.frame(number), noise(number)) for number in range(5))
    assert journal.state(4) == b"state 4"


def test_a_journal_goes_on_where_it_was_left(tmp_path):
    filled(tmp_path / "j", 3)
    filled(tmp_path / "j", 7)
    journal = Journal(tmp_path / "j", ABOUT)
    assert journal.done == 7
    assert np.array_equal(journal.frame(6), noise(6))


def test_only_the_next_frame_can_be_added(tmp_path):
    journal = filled(tmp_path / "j", 2)
    for wrong in (1, 3):
        with pytest.raises(ValueError, match="after 2 frames"):
            journal.add(wrong, noise(0))
    assert journal.done == 2


def test_a_painter_may_have_no_state(tmp_path):
    filled(tmp_path / "j", 3, states=False)
    journal = Journal(tmp_path / "j", ABOUT)
    assert journal.done == 3
    assert journal.state(2) == b""
    assert files(journal, "state") == []


def test_nobody_goes_on_behind_a_frame_without_a_state(tmp_path):
    journal = filled(tmp_path / "j", 3)
    journal.add(3, noise(3), None)
    assert Journal(tmp_path / "j", ABOUT).done == 3
    journal = filled(tmp_path / "j", 3)
    journal.add(3, noise(3), None)
    journal.add(4, noise(4), b"state 4")
    journal = Journal(tmp_path / "j", ABOUT)
    assert journal.done == 5
    assert np.array_equal(journal.frame(3), noise(3))


@pytest.mark.parametrize("odd", [0, 1])
def test_some_states_stay_whichever_frames_have_them(tmp_path, odd):
    journal = Journal(tmp_path / "j", ABOUT)
    for number in range(200):
        journal.add(number, noise(0), f"state {number}".encode() if number % 2 == odd else None)
    kept = [int(name[:6]) for name in files(journal, "state")]
    assert kept == [odd, 64 + odd, 128 + odd, 192 + odd, 194 + odd, 196 + odd, 198 + odd]


def test_old_states_go_but_for_every_64th(tmp_path):
    journal = filled(tmp_path / "j", 70)
    kept = [int(name[:6]) for name in files(journal, "state")]
    assert kept == [0, 64, 67, 68, 69]
    assert Journal(tmp_path / "j", ABOUT).done == 70
    with pytest.raises(CheckpointError, match="cannot be read"):
        journal.state(5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"size": 1280}, r"was begun with size 640, not 1280"),
        ({"film": "xyz"}, r"film \"abc\", not \"xyz\""),
        ({"more": 1}, r"more null, not 1"),
    ],
)
def test_other_settings_are_refused_in_a_line(tmp_path, change, told):
    filled(tmp_path / "j", 2)
    with pytest.raises(CheckpointError, match=told) as caught:
        Journal(tmp_path / "j", {**ABOUT, **change})
    assert "\n" not in str(caught.value)
    assert Journal(tmp_path / "j", ABOUT).done == 2


def test_tuples_are_lists_after_a_resume(tmp_path):
    Journal(tmp_path / "j", {"styles": ("a", "b")})
    assert Journal(tmp_path / "j", {"styles": ("a", "b")}).done == 0


def test_one_that_was_killed_while_it_began_begins_again(tmp_path):
    (tmp_path / "j").mkdir()
    (tmp_path / "j" / "about.json.new").write_bytes(b'{"impasto')
    assert Journal(tmp_path / "j", ABOUT).done == 0
    assert [path.name for path in (tmp_path / "j").iterdir()] == ["about.json"]
    assert Journal(tmp_path / "j", ABOUT).done == 0


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "j").mkdir()
    (tmp_path / "j" / "photo.png").write_bytes(b"mine")
    with pytest.raises(CheckpointError, match="holds other things"):
        Journal(tmp_path / "j", ABOUT)
    (tmp_path / "j" / "about.json").write_text("[1]")
    with pytest.raises(CheckpointError, match="cannot be read"):
        Journal(tmp_path / "j", ABOUT)
    assert sorted(os.listdir(tmp_path / "j")) == ["about.json", "photo.png"]


def test_where_it_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "none" / "j", "/proc/j"):
        with pytest.raises(OutputError, match="cannot be written"):
            Journal(path, ABOUT)


def test_what_is_done_with_goes(tmp_path):
    journal = filled(tmp_path / "j", 3)
    (tmp_path / "j" / "mine.txt").write_text("someone's")
    journal.remove()
    assert os.listdir(tmp_path / "j") == ["mine.txt"]
    other = filled(tmp_path / "k", 3)
    other.remove()
    assert not other.folder.exists()


def test_one_that_is_killed_while_it_goes_can_be_gone_on_from(tmp_path, monkeypatch):
    journal, unlink, deleted = filled(tmp_path / "j", 20), Path.unlink, []

    def killed(path, **more):
        if len(deleted) == 4:
            raise KeyboardInterrupt
        deleted.append(path.name)
        unlink(path, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            journal.remove()
    assert {int(name[:6]) for name in deleted} == {18, 19}
    assert Journal(tmp_path / "j", ABOUT).done == 18


def spoiled(data: bytes, how: str) -> bytes:
    flipped = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:] if len(data) > 8 else bytes([data[0] ^ 1]) + data[1:]
    return {"cut": data[: len(data) // 2], "empty": b"", "zeros": bytes(len(data)), "bit": flipped}[how]


@pytest.mark.parametrize("how", ["cut", "empty", "zeros", "bit"])
@pytest.mark.parametrize(
    ("kind", "number", "done"), [("png", 5, 5), ("png", 3, 1), ("png", 0, 0), ("state", 5, 5), ("state", 4, 6)]
)
def test_what_is_damaged_is_painted_again(tmp_path, kind, number, done, how):
    """Frame 3: of the frames before it, 2 has lost its state already, and 1 too; 0 has kept it."""
    journal = filled(tmp_path / "j", 6)
    (path,) = (tmp_path / "j").glob(f"{number:06}-*.{kind}")
    path.write_bytes(spoiled(path.read_bytes(), how))
    if number < 5 or kind == "png":
        with pytest.raises(CheckpointError, match="was damaged"):
            journal.frame(number) if kind == "png" else journal.state(number)
    journal = Journal(tmp_path / "j", ABOUT)
    assert journal.done == done
    journal = filled(tmp_path / "j", 6)
    assert [np.array_equal(journal.frame(n), noise(n)) for n in range(6)] == [True] * 6


def test_a_full_disk_loses_nothing_that_was_there(tmp_path):
    journal = filled(tmp_path / "j", 2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OutputError, match=r"File too large\). Make room"):
            journal.add(2, noise(2), bytes(10))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(files(journal, "png")) == 2
    journal.add(2, noise(2), b"now")
    assert Journal(tmp_path / "j", ABOUT).done == 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    victims=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10**6), st.integers(0, 255)), max_size=5),
    lost=st.lists(st.integers(0, 30), max_size=3),
)
def test_no_damage_gives_another_frame(tmp_path_factory, victims, lost):
    folder = tmp_path_factory.mktemp("journal") / "j"
    filled(folder, 5)
    paths = sorted(path for path in folder.iterdir() if path.name != "about.json")
    for which, place, value in victims:
        path = paths[which % len(paths)]
        data = bytearray(path.read_bytes())
        data[place % len(data)] = value
        path.write_bytes(data)
    for which in lost:
        paths[which % len(paths)].unlink(missing_ok=True)
    journal = Journal(folder, ABOUT)
    assert 0 <= journal.done <= 5
    assert all(np.array_equal(journal.frame(n), noise(n)) for n in range(journal.done))
    if journal.done:
        assert journal.state(journal.done - 1) == f"state {journal.done - 1}".encode()


PAINTER = """
import os, signal, sys, time
from pathlib import Path
import numpy as np
from impasto.video.journal import Journal
from impasto.video.reading import Film
from impasto.video.writing import FilmWriter

def paint(source, target):
    film = Film(source)
    journal = Journal(target.with_suffix(".frames"), {"film": str(source)})
    state = journal.state(journal.done - 1) if journal.done else b"0"
    with FilmWriter(target, film.info.shape, film) as writer:
        for number, frame in enumerate(film.frames()):
            if number >= journal.done:  # a painting that depends on all frames before it
                state = str((int(state) * 31 + int(frame.pixels.sum())) % 1_000_003).encode()
                journal.add(number, np.roll(frame.pixels, int(state) % 64, 1), state)
            writer.add(journal.frame(number), frame.time, frame.duration)
    journal.remove()

def painting(*paths):  # in a process of its own, as nothing that has threads has begun in this one
    child = os.fork()
    if not child:
        paint(*paths)
        os._exit(0)
    return child

def killed_at(frames, broken):
    child = painting(source, broken)
    while len(list(broken.with_suffix(".frames").glob("*.png"))) < frames:
        time.sleep(0.001)
    time.sleep(np.random.default_rng(frames).uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

source, whole, broken = map(Path, sys.argv[1:])
assert os.waitstatus_to_exitcode(os.waitpid(painting(source, whole), 0)[1]) == 0
for frames in (1, 3, 17, 18, 60, 61, 90):
    assert killed_at(frames, broken) == -signal.SIGKILL
    assert not broken.exists()
assert os.waitstatus_to_exitcode(os.waitpid(painting(source, broken), 0)[1]) == 0
"""


def test_killed_at_any_moment_the_film_is_that_of_an_unbroken_run(tmp_path):
    texture = np.random.default_rng(0).integers(0, 120, (48, 64, 3), np.uint8)
    source = write_clip(tmp_path / "source.mp4", [drawn(n % 20) + texture for n in range(120)], sound="aac")
    whole, broken = tmp_path / "whole.mp4", tmp_path / "broken.mp4"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    subprocess.run([sys.executable, "-c", PAINTER, source, whole, broken], check=True, env=environment)
    assert broken.read_bytes() == whole.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["broken.mp4", "source.mp4", "whole.mp4"]
