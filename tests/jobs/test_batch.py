"""A folder of pictures: what is made, what is kept, what stops it and what does not."""

import os
from pathlib import Path
from threading import Event

import pytest
import torch
from PIL import Image

from impasto.errors import ImpastoError, OutputError
from impasto.images import read, read_record
from impasto.jobs import run_batch as jobs
from impasto.jobs.batch import Batch
from impasto.jobs.run_batch import Done, run_batch
from impasto.settings import SizeSettings, StylizeSettings


@pytest.fixture
def photos(photo: Image.Image, tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    small = photo.resize((64, 48))
    for name in ("a.jpg", "a.png", "b.gif", "c.PNG"):
        small.save(folder / name)
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").write_bytes((folder / "a.png").read_bytes())
    (folder / "d").mkdir()
    return folder


def batch(photos: Path, style: str = "starry-night", **changed: object) -> Batch:
    settings = StylizeSettings.checked({"preset": "fast", "size": 64, "brushes": 1, **changed.pop("settings", {})})
    return Batch(folder=photos, styles=(style,), output=photos.with_name("out"), settings=settings, **changed)


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_every_picture_is_made_and_keeps_its_name(photos: Path) -> None:
    told: list[tuple[int, int, str]] = []
    done = run_batch(batch(photos), lambda *picture: told.append(picture))
    assert names(done.made) == ["a.jpg", "a.png", "b.gif.png", "c.PNG"]
    assert told == [(1, 4, "a.jpg"), (2, 4, "a.png"), (3, 4, "b.gif"), (4, 4, "c.PNG")]
    assert [Image.open(path).format for path in done.made] == ["JPEG", "PNG", "PNG", "PNG"]
    assert '"brushes":1' in (read_record(done.made[0]) or "")


def test_what_is_there_is_not_made_again(photos: Path) -> None:
    first = run_batch(batch(photos))
    assert run_batch(batch(photos)) == Done(kept=first.made)
    first.made[1].unlink()
    Image.new("RGB", (64, 48), "red").save(photos / "a.jpg")
    again = run_batch(batch(photos))
    assert names(again.made) == ["a.jpg", "a.png"], "one that changed, and one that was lost"
    for other in (batch(photos, "scream"), batch(photos, "scream", settings={"strength": 0.3})):
        assert len(run_batch(other).made) == 4


def test_the_first_picture_does_not_wait_until_all_photos_are_read(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, digested = [], jobs.file_digest
    monkeypatch.setattr(jobs, "file_digest", lambda path: read.append(path.name) or digested(path))

    def begun(number: int, *_: object) -> None:
        assert len({"a.jpg", "a.png", "b.gif", "c.PNG"} & set(read)) == number - 1

    assert len(run_batch(batch(photos), begun).made) == 4


def test_a_photo_that_changes_while_it_is_painted_is_painted_again(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = jobs.make

    def changed(job, on_progress):
        result = make(job, on_progress)
        if job.content.name == "a.png":
            Image.new("RGB", (64, 48), "red").save(photos / "a.png")
        return result

    monkeypatch.setattr(jobs, "make", changed)
    run_batch(batch(photos))
    assert names(run_batch(batch(photos)).made) == ["a.png"]


def test_two_runs_into_one_folder_leave_each_other_what_they_noted(photos: Path) -> None:
    others = photos.with_name("others")
    others.mkdir()
    for name in ("x.png", "y.png"):
        (others / name).write_bytes((photos / "a.png").read_bytes())
    beside = batch(photos).model_copy(update={"folder": others})

    def while_another_runs(number: int, *_: object) -> None:
        if number == 2:
            assert len(run_batch(beside).made) == 2

    run_batch(batch(photos), while_another_runs)
    assert len(run_batch(batch(photos)).kept) == 4
    assert len(run_batch(beside).kept) == 2


def test_a_damaged_journal_keeps_nothing(photos: Path) -> None:
    run_batch(batch(photos))
    for content in (b"", b"[1]", b"{", b"\xff\xfe", b'{"a.jpg": 3}'):
        (photos.with_name("out") / jobs._LEDGER).write_bytes(content)
        assert len(run_batch(batch(photos)).made) == 4


def test_what_cannot_be_painted_does_not_stop_the_others(photos: Path) -> None:
    (photos / "a.png").write_bytes((photos / "a.png").read_bytes()[:200])
    Image.new("L", (400, 2)).save(photos / "narrow.png")
    done = run_batch(batch(photos))
    assert names(done.made) == ["a.jpg", "b.gif.png", "c.PNG"]
    assert names([*done.failed]) == ["a.png", "narrow.png"]
    assert all(done.failed.values())


def test_a_name_that_is_too_long_for_a_new_ending_does_not_stop_the_others(photos: Path) -> None:
    (photos / "b.gif").rename(photos / f"{'b' * 250}.gif")
    done = run_batch(batch(photos))
    assert names(done.made) == ["a.jpg", "a.png", "c.PNG"]
    ((path, reason),) = done.failed.items()
    assert path.suffix == ".gif"
    assert "name too long" in reason


def test_what_cannot_be_opened_does_not_stop_the_others(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refuse(path, *given, **how):
        if path.name == "a.png":
            raise PermissionError(13, "Permission denied")
        return opened(path, *given, **how)

    monkeypatch.setattr(Path, "open", refuse)
    (photos / "gone.jpg").symlink_to(photos / "nowhere.jpg")
    os.mkfifo(photos / "pipe.jpg")  # to open it would wait forever
    done = run_batch(batch(photos))
    assert names(done.made) == ["a.jpg", "b.gif.png", "c.PNG"]
    assert names([*done.failed]) == ["a.png", "gone.jpg"]
    assert "Permission denied" in done.failed[photos / "a.png"]


def test_what_is_left_out_is_told(photos: Path) -> None:
    for name in ("a.heic", "b.PSD"):
        (photos / name).write_bytes(b"a picture of another kind")
    Image.new("RGB", (64, 48)).save(photos / "cam.dng", "TIFF")  # it begins as a TIFF does
    (photos / "a.jpg").rename(photos / "a.bmp")  # for all that it is called, a JPEG
    done = run_batch(batch(photos))
    assert names(done.made) == ["a.bmp.png", "a.png", "b.gif.png", "c.PNG"]
    assert not done.failed
    (told,) = done.notes
    assert told.startswith("3 pictures are of a kind that impasto does not read (a.heic, b.PSD, cam.dng): convert")


def test_what_somebody_may_not_expect_of_a_picture_is_told(photos: Path) -> None:
    Image.new("L", (64, 48)).save(photos / "b.gif", save_all=True, append_images=[Image.new("L", (64, 48), 255)])
    assert any("b.gif holds 2 pictures" in note for note in run_batch(batch(photos)).notes)


def test_what_its_format_does_not_hold_does_not_stop_the_others(photos: Path) -> None:
    (photos / "a.png").unlink()
    Image.new("L", (16384, 32), 99).save(photos / "long.png")
    done = run_batch(batch(photos, ending=".webp", settings={"size": "original"}))
    assert names(done.made) == ["a.webp", "b.webp", "c.webp"]
    assert names([*done.failed]) == ["long.png"]
    assert "WebP holds 16383 pixels a side" in done.failed[photos / "long.png"]


def test_what_is_only_called_a_picture_is_told(photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture at all" * 100)
    (photos / "empty.PNG").touch()
    done = run_batch(batch(photos))
    assert len(done.made) == 4
    assert names(list(done.failed)) == ["broken.jpg", "empty.PNG"]
    assert all("Get it again" in told or "Convert it" in told for told in done.failed.values())


def test_stopped_it_keeps_what_is_done(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, made = jobs.make, []

    def stopped(job, on_progress):
        if made:
            raise KeyboardInterrupt
        made.append(job)
        return make(job, on_progress)

    monkeypatch.setattr(jobs, "make", stopped)
    with pytest.raises(KeyboardInterrupt):
        run_batch(batch(photos))
    monkeypatch.undo()
    assert names(run_batch(batch(photos)).kept) == ["a.jpg"]


def test_all_get_the_ending_that_is_asked_for(photos: Path) -> None:
    (photos / "a.jpg").unlink()
    assert names(run_batch(batch(photos, ending=".webp")).made) == ["a.webp", "b.webp", "c.webp"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ending": ".png"}, "2 pictures would be written to 'a.png'"),
        ({"ending": "png"}, "begins with no dot"),
        ({"ending": ".txt"}, "does not end like a picture"),
        ({"style": "nothing.jpg"}, "nothing.jpg"),
        ({"settings": {"mask": "nowhere.png"}}, "nowhere.png"),
        ({"settings": {"init": "nowhere.png"}}, "nowhere.png"),
        ({"settings": {"init": "nois"}}, "Did you mean 'noise'"),
        ({"settings": {"depth": 16}}, "JPEG"),
        ({"settings": {"size": 65536}}, "JPEG holds 65500 pixels a side, not 65536"),
    ],
)
def test_mistakes_are_told_before_any_work(photos: Path, changed: dict[str, object], told: str) -> None:
    if changed.get("ending") == ".txt":
        (photos / "a.jpg").unlink()
    with pytest.raises(ImpastoError, match=told):
        run_batch(batch(photos, **changed), lambda *_: pytest.fail("work was begun"))


def test_names_that_differ_in_capitals_alone_are_one_to_some_disks(photos: Path) -> None:
    if (photos / "A.JPG").exists():
        pytest.skip("here, too")
    (photos / "A.JPG").write_bytes((photos / "a.jpg").read_bytes())
    with pytest.raises(
        OutputError, match=r"^2 pictures would be written to 'a\.jpg', in capitals or not\. Rename them\.$"
    ):
        run_batch(batch(photos))


def test_folders_that_will_not_do(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, told in ((tmp_path / "empty", "no picture in"), (tmp_path / "none", "there is no folder")):
        with pytest.raises(ImpastoError, match=told):
            run_batch(batch(folder))
    with pytest.raises(ImpastoError, match="they are kept"):
        run_batch(batch(photos).model_copy(update={"output": photos / "d" / ".."}))


def test_side_by_side_is_what_one_after_the_other_is(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = torch.get_num_threads()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    together = [read(path, SizeSettings()).pixels for path in run_batch(batch(photos)).made]
    monkeypatch.undo()
    torch.set_num_threads(threads)
    monkeypatch.setattr(jobs, "_LARGE", 0)
    alone = [read(path, SizeSettings()).pixels for path in run_batch(batch(photos, settings={"seed": 1})).made]
    for one, other in zip(together, alone, strict=True):
        assert (one - other).abs().max() < 3 / 255


def test_stopped_side_by_side_it_knows_what_was_done(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, second_is_there = jobs.make, Event()

    def stopped(job, on_progress):
        if job.content.name == "a.jpg":
            assert second_is_there.wait(60)
            raise KeyboardInterrupt
        return make(job, on_progress)

    note = jobs._Ledger.note

    def noted(*words):
        note(*words)
        second_is_there.set()

    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    monkeypatch.setattr(jobs, "make", stopped)
    monkeypatch.setattr(jobs._Ledger, "note", noted)
    with pytest.raises(KeyboardInterrupt):
        run_batch(batch(photos))
    monkeypatch.undo()
    there = names([path for path in batch(photos).output.iterdir() if path.suffix != ".json"])
    done = run_batch(batch(photos))
    assert names(done.kept) == sorted(there) != []
    assert done.replaced == []


def test_a_fault_is_not_swallowed_side_by_side(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    def fault(job, on_progress):
        begun.append(job)
        raise ZeroDivisionError

    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    monkeypatch.setattr(jobs, "make", fault)
    with pytest.raises(ZeroDivisionError):
        run_batch(batch(photos))
    assert len(begun) <= 4


def test_no_input_is_written_over(photos: Path) -> None:
    """A link to a photo among the results, a style that is called like one, and another way to the folder itself."""
    before = {path: path.read_bytes() for path in photos.glob("*.*")}
    out = photos.with_name("out")
    out.mkdir()
    (out / "a.jpg").symlink_to(photos / "a.jpg")
    with pytest.raises(OutputError, match="also an input of this run"):
        run_batch(batch(photos))
    (out / "a.jpg").unlink()
    (out / "c.PNG").write_bytes(before[photos / "a.png"])
    with pytest.raises(OutputError, match="also an input of this run"):
        run_batch(batch(photos, str(out / "c.PNG")))
    assert (out / "c.PNG").read_bytes() == before[photos / "a.png"]
    photos.with_name("way").symlink_to(photos)
    with pytest.raises(OutputError, match="the folder of the photos"):
        run_batch(batch(photos).model_copy(update={"output": photos.with_name("way")}))
    assert {path: path.read_bytes() for path in photos.glob("*.*")} == before


def test_a_name_that_is_no_text_is_one_like_any_other(photos: Path) -> None:
    os.rename(photos / "a.jpg", os.fsencode(photos) + b"/a\xff.jpg")
    first = run_batch(batch(photos))
    assert len(first.made) == 4
    assert run_batch(batch(photos)) == Done(kept=first.made)
