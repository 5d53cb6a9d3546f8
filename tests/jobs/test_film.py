"""Films from end to end: painted, encoded, interrupted, killed, and gone on with."""

import os
import random
import signal
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest
import torch
from methods.films import pan
from PIL import Image
from video.clips import write_clip

import impasto
from impasto.errors import CheckpointError, ImpastoError, OutputError, SettingsError
from impasto.jobs.cues import cues
from impasto.jobs.film_job import FilmJob
from impasto.jobs.paint_film import paint_film
from impasto.methods.film import Finished
from impasto.settings import FilmSettings
from impasto.video.journal import Journal, alone
from impasto.video.reading import Film
from impasto.video.shot_journals import ShotJournals

KILLS = int(os.environ.get("KILLS", "3"))


@pytest.fixture
def clip(photo, tmp_path) -> Path:
    """Sixteen frames with sound; the last six are another shot."""
    shot = pan(photo, 10, width=96, height=64)
    other = [frame[::-1, ::-1, ::-1].copy() for frame in shot[:6]]
    return write_clip(tmp_path / "clip.mp4", [*shot, *other], sound="aac")


def job(clip: Path, name: str = "out.mp4", **settings) -> FilmJob:
    output = clip.with_name(name)
    return FilmJob(film=clip, styles=(Path("scream"),), output=output, settings=FilmSettings.checked(settings))


def kept(job: FilmJob) -> int:
    """Frames in the journal, which may go at any moment."""
    try:
        return sum(name.endswith(".png") for name in os.listdir(job.journal))
    except FileNotFoundError:
        return 0


def frames(path: Path) -> list[tuple[float, float, bytes]]:
    with Film(path) as film:
        return [(float(each.time), float(each.duration), each.pixels.tobytes()) for each in film.frames()]


def sound(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as file:
        return [(packet.pts, bytes(packet)) for packet in file.demux(audio=0) if packet.size]


def test_a_film_keeps_its_times_and_its_sound_and_leaves_nothing_else(clip: Path) -> None:
    told = []
    result = paint_film(job(clip), told.append)
    assert (result.frames, result.shape, result.stopped) == (16, (64, 96), "painted")
    assert [each[:2] for each in frames(result.output)] == [each[:2] for each in frames(clip)]
    assert sound(result.output) == sound(clip) != []
    assert [each.done for each in told] == list(range(1, 17))
    assert told[-1].frames == 16
    assert told[-1].remaining == 0
    assert sorted(path.name for path in clip.parent.iterdir()) == ["clip.mp4", "out.mp4"]


def test_a_search_paints_films_where_the_caller_asks_for_no_gradients(clip: Path, styles) -> None:
    styles["mosaic"].save(clip.with_name("mosaic.png"))
    searched = job(clip, preset="standard", size=64, iterations=2)
    searched = searched.model_copy(update={"styles": (clip.with_name("mosaic.png"),)})
    with torch.inference_mode():
        assert paint_film(searched).stopped == "painted"


def test_the_python_call_takes_settings_by_name(clip: Path) -> None:
    result = impasto.stylize_film(clip, "scream", output=clip.with_name("out"), size=64, start=0.2, end=0.4)
    assert (result.frames, result.shape) == (5, (43, 64))
    assert len([*result.output.iterdir()]) == 5
    with pytest.raises(SettingsError, match="no style picture given"):
        impasto.stylize_film(clip, output="out.mp4")
    with pytest.raises(SettingsError, match="there is no setting 'strenght'"):
        impasto.stylize_film(clip, "scream", output="out.mp4", strenght=1)


def test_what_is_no_path_is_told(clip: Path, photo) -> None:
    for film, style in ((clip, np.asarray(photo)), (np.asarray(photo), "scream"), (bytes(clip), "scream")):
        with pytest.raises(SettingsError, match="Save what is in memory to a file"):
            impasto.stylize_film(film, style, output=clip.with_name("out.mp4"))


def test_a_stopped_film_is_playable_and_goes_on_to_the_unbroken_one(clip: Path) -> None:
    whole = paint_film(job(clip, "whole.mp4")).output.read_bytes()
    stop, broken = Event(), job(clip)
    result = paint_film(broken, lambda told: stop.set() if told.done == 7 else None, stop=stop)
    assert (result.stopped, result.frames) == ("interrupted", 7)
    assert len(frames(broken.output)) == 7
    with pytest.raises(CheckpointError, match="Add --resume"):
        paint_film(broken)
    with pytest.raises(CheckpointError, match=r"strength 0\.8, not 0\.9"):
        paint_film(job(clip, strength=0.9), resume=True)
    again = paint_film(broken, resume=True)
    assert (again.stopped, again.frames) == ("painted", 16)
    assert broken.output.read_bytes() == whole
    assert not broken.journal.exists()


def test_the_sound_of_a_stopped_film_ends_with_its_last_frame(clip: Path) -> None:
    stop = Event()
    result = paint_film(job(clip), lambda told: stop.set() if told.done == 7 else None, stop=stop)
    known = sound(clip)
    assert sound(result.output) == [(time, data) for time, data in known if time is not None and time < 7 * 48000 / 25]
    assert len(sound(result.output)) < len(known)
    assert sound(paint_film(job(clip), resume=True).output) == known


def test_a_run_that_is_stopped_before_it_has_gone_on_leaves_the_film_of_the_first(clip: Path) -> None:
    def later(*_: object):
        raise KeyboardInterrupt

    stop, broken = Event(), job(clip)
    paint_film(broken, lambda told: stop.set() if told.done == 7 else None, stop=stop)
    known = broken.output.read_bytes()
    result = paint_film(broken, resume=True, stop=stop)
    assert (result.stopped, result.frames) == ("interrupted", 7), "what is finished is written before it stops"
    assert broken.output.read_bytes() == known
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Journal, "frame", later)
        with pytest.raises(KeyboardInterrupt):
            paint_film(broken, resume=True)
    assert broken.output.read_bytes() == known
    assert paint_film(broken, resume=True).frames == 16


def test_other_masks_are_not_gone_on_with(clip: Path, tmp_path: Path) -> None:
    from PIL import Image

    def draw(gray: int) -> None:
        Image.fromarray(np.full((64, 96), gray, np.uint8)).save(tmp_path / "mask.png")

    stop, broken = Event(), job(clip, mask=tmp_path / "mask.png")
    draw(255)
    paint_film(broken, lambda _: stop.set(), stop=stop)
    draw(100)
    with pytest.raises(CheckpointError, match="was begun with inputs"):
        paint_film(broken, resume=True)


def test_two_runs_do_not_work_on_one_film(clip: Path) -> None:
    wanted, unfinished = job(clip), clip.with_name(".out.mp4.unfinished")
    unfinished.write_bytes(b"the other run's")
    with alone(wanted.journal), pytest.raises(CheckpointError, match="another run is at work"):
        paint_film(wanted, resume=True)
    assert unfinished.read_bytes() == b"the other run's"
    with alone(wanted.journal):
        with pytest.raises(CheckpointError), alone(wanted.journal):
            pass
        assert wanted.journal.exists(), "it is the first run's"
    assert not wanted.journal.exists(), "nobody has put anything into it"
    assert paint_film(wanted, resume=True).frames == 16


@pytest.mark.parametrize(("keep", "workers"), [(Journal, 1), (ShotJournals, 2)])
def test_no_other_run_comes_in_while_the_journal_goes(clip: Path, keep, workers: int, monkeypatch) -> None:
    remove, gone = keep.remove, []

    def watched(self) -> None:
        with pytest.raises(CheckpointError, match="another run is at work"), alone(job(clip).journal):
            pass
        gone.append(remove(self))

    monkeypatch.setattr(keep, "remove", watched)
    paint_film(job(clip, end=0.2, workers=workers))
    assert gone
    assert not job(clip).journal.exists()


def test_what_the_journal_takes_already_needs_no_room(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, stop = [], Event()
    monkeypatch.setattr("impasto.jobs.paint_film.check_room", lambda path, bytes: asked.append(bytes))
    paint_film(job(clip), lambda told: stop.set() if told.done == 8 else None, stop=stop)
    kept = sum(file.stat().st_size for file in job(clip).journal.iterdir())
    paint_film(job(clip), resume=True)
    assert asked[0] - asked[1] == kept > 0


def test_a_stopped_film_ends_with_a_frame_that_it_can_go_on_from(clip: Path) -> None:
    stop, broken = Event(), job(clip)
    result = paint_film(broken, lambda told: stop.set() if told.done == 5 else None, stop=stop)
    assert result.frames == 7, "the fifth and the sixth were made with the seventh, so that was there"
    assert [path.name[:6] for path in sorted(broken.journal.glob("*.state"))][-1] == "000006"


@pytest.mark.parametrize("number", [1, 2, 3, 4, 9, 10, 15])
def test_a_stop_while_a_frame_waits_for_the_next_one_changes_nothing(clip: Path, number: int, monkeypatch) -> None:
    whole = paint_film(job(clip, "whole.mp4")).output.read_bytes()
    stop = Event()

    def stopped(*rest):
        for count, each in enumerate(cues(*rest)):
            if count == number:
                stop.set()
            yield each

    with monkeypatch.context() as patched:
        patched.setattr("impasto.jobs.film_run.cues", stopped)
        with suppress(KeyboardInterrupt):  # not one frame was done
            assert paint_film(job(clip), stop=stop).stopped == "interrupted"
    assert paint_film(job(clip), resume=True).output.read_bytes() == whole


def test_a_stop_at_the_last_frame_comes_too_late(clip: Path) -> None:
    stop = Event()
    result = paint_film(job(clip), lambda told: stop.set() if told.done == 16 else None, stop=stop)
    assert (result.frames, result.stopped) == (16, "painted")
    assert not job(clip).journal.exists()


def test_ctrl_c_in_a_frame_costs_that_frame_alone(clip: Path) -> None:
    def pressed(told) -> None:
        if told.done == 4:
            raise KeyboardInterrupt

    broken = job(clip)
    assert paint_film(broken, pressed).frames == 4
    assert len(frames(broken.output)) == 4


def test_killed_at_any_moment_it_goes_on_to_the_unbroken_film(clip: Path) -> None:
    settings = {"style_at": ("0:00.5=udnie",), "color": "histogram"}
    whole = paint_film(job(clip, "whole.mp4", **settings)).output.read_bytes()
    broken, chance = job(clip, **settings), random.Random(0)
    code = (
        "import sys; from impasto.jobs.paint_film import paint_film; from impasto.jobs.film_job import FilmJob;"
        "paint_film(FilmJob.model_validate_json(sys.argv[1]), resume=True)"
    )
    for _ in range(KILLS):
        done = kept(broken)
        wanted = done + chance.randint(0, max(0, (15 - done) // 2))
        process = subprocess.Popen(
            [sys.executable, "-c", code, broken.model_dump_json()], env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        while process.poll() is None and kept(broken) <= wanted:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    paint_film(broken, resume=True)
    assert broken.output.read_bytes() == whole
    assert not broken.journal.exists()


@pytest.fixture
def pictures(photo, tmp_path: Path) -> Path:
    """A folder of sixteen frames, of which the eighth and the ninth are damaged."""
    (folder := tmp_path / "pictures").mkdir()
    for number, frame in enumerate(pan(photo, 16, width=96, height=64)):
        Image.fromarray(frame).save(path := folder / f"{number}.png")
        if number in (7, 8):
            path.write_bytes(path.read_bytes()[:300])
    return folder


@pytest.mark.parametrize("workers", [1, 2])
def test_a_damaged_picture_of_a_folder_is_skipped_and_told(pictures: Path, workers: int) -> None:
    result = paint_film(job(pictures, "out.mkv", codec="ffv1", workers=workers))
    assert (result.frames, result.stopped) == (16, "painted")
    (note,) = result.notes
    assert note.startswith("2 pictures were skipped")
    assert "7.png': it is damaged or cut short" in note
    shown = frames(result.output)
    assert [each[0] for each in shown] == [number / 25 for number in range(16)]
    assert shown[6][2] == shown[7][2] == shown[8][2] != shown[9][2]


@pytest.mark.parametrize("done", [1, 7, 8, 9, 10])
def test_a_film_with_damaged_pictures_goes_on_to_the_unbroken_one(pictures: Path, done: int) -> None:
    whole = paint_film(job(pictures, "whole.mkv", codec="ffv1", paint_every=1))
    stop, broken = Event(), job(pictures, "out.mkv", codec="ffv1", paint_every=1)
    paint_film(broken, lambda told: stop.set() if told.done == done else None, stop=stop)
    again = paint_film(broken, resume=True)
    assert again.output.read_bytes() == whole.output.read_bytes()
    assert again.notes == whole.notes


def test_killed_near_a_damaged_picture_it_goes_on_to_the_unbroken_film(pictures: Path) -> None:
    whole = paint_film(job(pictures, "whole.mp4")).output.read_bytes()
    broken = job(pictures)
    code = (
        "import sys; from impasto.jobs.paint_film import paint_film; from impasto.jobs.film_job import FilmJob;"
        "paint_film(FilmJob.model_validate_json(sys.argv[1]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, broken.model_dump_json()], env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    while process.poll() is None and kept(broken) < 7:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert paint_film(broken, resume=True).output.read_bytes() == whole


def test_a_full_disk_harms_nothing_that_is_there(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = job(clip)
    broken.output.write_bytes(b"an old film")
    add = Journal.add

    def full(self, number, *rest) -> None:
        if number == 5:
            raise OutputError("no room")
        add(self, number, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "add", full)
        with pytest.raises(OutputError, match="no room"):
            paint_film(broken)
    assert broken.output.read_bytes() == b"an old film"
    assert paint_film(broken, resume=True).frames == 16


def test_what_cannot_be_painted_leaves_no_journal(clip: Path, tmp_path: Path) -> None:
    for wrong, words in (
        (job(clip, "out.xyz"), "does not end like a film"),
        (job(tmp_path / "none.mp4"), "there is no such file"),
        (job(clip).model_copy(update={"styles": (Path("none.jpg"),)}), "there is no such file"),
        (job(clip, size=16), "no side may be under 16"),
        (job(clip, start=100), "has no frame"),
        (job(clip, mask=tmp_path / "none.png"), "no such file"),
    ):
        with pytest.raises(ImpastoError, match=words):
            paint_film(wrong)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4"]


def test_few_frames_are_in_memory_however_long_the_film(clip: Path, photo, monkeypatch: pytest.MonkeyPatch) -> None:
    class Copier:
        steps_back = ()
        notes = ()

        def __init__(self, *_: object) -> None:
            self.most = 0

        def paint(self, cues):
            for cue in cues:
                self.most = max(self.most, sum(each() is not None for each in alive))
                yield Finished(cue.frame.copy(), b"")

    alive, copier = [], Copier()
    read = Film.frames

    def watched(self):
        for frame in read(self):
            alive.append(weakref.ref(frame.pixels))
            yield frame

    long = write_clip(clip.with_name("long.mp4"), pan(photo, 20, width=64, height=48) * 15)
    monkeypatch.setattr(Film, "frames", watched)
    monkeypatch.setattr("impasto.jobs.film_run._PAINTERS", {"feedforward": lambda *_: copier})
    assert paint_film(job(long)).frames == 300
    assert copier.most <= 16


def test_masks_that_end_before_the_film_hold_on_and_it_is_said(clip: Path, tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "masks").mkdir()
    for number in range(2):
        Image.fromarray(np.full((64, 96), 255, np.uint8)).save(tmp_path / "masks" / f"{number}.png")
    notes = paint_film(job(clip, mask=tmp_path / "masks")).notes
    assert "mask: there are 2 masks for 16 frames; the last one holds on" in notes


def test_masks_of_frames_that_are_not_painted_are_told(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    for number in range(16):
        Image.fromarray(np.full((64, 96), 255, np.uint8)).save(tmp_path / "masks" / f"{number}.png")
    assert paint_film(job(clip, "whole.mp4", mask=tmp_path / "masks")).notes == []
    assert paint_film(job(clip, mask=tmp_path / "masks", start=0.4)).notes == [
        "mask: there are 16 masks for 6 frames; the first of them was that of the first frame painted"
    ]


def test_the_frames_that_are_told_are_those_that_the_film_has(clip: Path) -> None:
    result = paint_film(job(clip, "out.gif", fps=100, end=0.1))
    with Film(result.output) as film:
        assert result.frames == len([*film.frames()]) == 5
    assert any("5 of 10 frames were left out" in note for note in result.notes)


def test_a_style_for_which_the_film_is_too_short_is_told(clip: Path) -> None:
    assert paint_film(job(clip, style_at=("0:00.5=udnie",))).notes == []
    assert paint_film(job(clip, "late.mp4", style_at=("0:30=udnie",))).notes == [
        "style-at: 0:30=udnie: the film has ended before"
    ]


def test_a_job_goes_to_json_and_back(clip: Path) -> None:
    wanted = job(clip, style_at="1=scream", steps_back="1,2")
    assert FilmJob.model_validate_json(wanted.model_dump_json()) == wanted


def test_the_frames_of_a_folder_whose_name_looks_like_a_pattern_are_read(tmp_path: Path) -> None:
    frame = tmp_path / "frames[1]" / "1.png"
    frame.parent.mkdir()
    frame.touch()
    assert frame in FilmJob(film=frame.parent, styles=(Path("scream"),), output=tmp_path / "out.mp4").inputs


def test_the_film_that_is_read_is_not_written_over(clip: Path) -> None:
    before = clip.read_bytes()
    with pytest.raises(OutputError, match="also an input of this run"):
        impasto.stylize_film(clip, "scream", output=clip)
    assert clip.read_bytes() == before
