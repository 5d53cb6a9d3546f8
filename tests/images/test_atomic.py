import fcntl
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from impasto.errors import OutputError
from impasto.images.atomic import check_replaceable, replace_file, replacing_path


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_data_arrives_and_nothing_else_does(tmp_path):
    path = tmp_path / "a.bin"
    for data in (b"old", b"new and longer"):
        assert replace_file(path, data) == path
        assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["a.bin"]


def test_rights_are_those_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    replace_file(tmp_path / "a.bin", b"data")
    assert (tmp_path / "a.bin").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_rights_stay_what_they_were(tmp_path):
    path = tmp_path / "private.bin"
    path.write_bytes(b"old")
    path.chmod(0o600)
    replace_file(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_in_place_of_what_is_being_written_is_not_followed(tmp_path):
    other, path = tmp_path / "other.txt", tmp_path / "film.mp4"
    other.write_bytes(b"precious")
    (tmp_path / ".unfinished").symlink_to(other)
    with replacing_path(path, ".unfinished") as fresh:
        fresh.write_bytes(b"film")
    assert (other.read_bytes(), path.read_bytes(), path.is_symlink()) == (b"precious", b"film", False)


def test_a_link_is_followed(tmp_path):
    (tmp_path / "deep").mkdir()
    link = tmp_path / "link.bin"
    link.symlink_to(tmp_path / "deep" / "target.bin")
    replace_file(link, b"data")
    assert link.is_symlink()
    assert (tmp_path / "deep" / "target.bin").read_bytes() == b"data"


@pytest.mark.parametrize("old", [None, b"the old one"])
def test_a_full_disk_harms_nothing(tmp_path, old):
    path = tmp_path / "a.bin"
    if old is not None:
        path.write_bytes(old)
    with full_disk(10_000), pytest.raises(OutputError, match=r"a\.bin' cannot be written \(File too large\)") as caught:
        replace_file(path, bytes(20_000))
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == ([] if old is None else ["a.bin"])
    assert old is None or path.read_bytes() == old


def test_an_interruption_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "a.bin", b"data")
    assert os.listdir(tmp_path) == []


def impossible(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe.png")
    return {
        tmp_path: "is a folder",
        tmp_path / "none" / "a.png": "there is no folder",
        tmp_path / "file" / "a.png": "there is no folder",
        tmp_path / "pipe.png": "no regular file",
        tmp_path / ("x" * 300 + ".png"): "cannot be written",
        "/proc/a.png": "cannot be written|there is no folder",
        "a\0b.png": "cannot be written",
    }


def test_what_cannot_be_written_is_known_before(tmp_path):
    for path, reason in impossible(tmp_path).items():
        with pytest.raises(OutputError, match=reason) as caught:
            check_replaceable(path)
        assert "\n" not in str(caught.value)
    assert len(os.listdir(tmp_path)) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        check_replaceable(tmp_path / "a.png")


def test_asking_leaves_nothing_behind(tmp_path):
    check_replaceable(tmp_path / "a.png")
    assert os.listdir(tmp_path) == []
    (tmp_path / "a.png").write_bytes(b"old")
    check_replaceable(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"old"


def test_what_is_sent_to_the_disk_is_open_for_writing(tmp_path, monkeypatch):
    """Of a file that is not, Windows refuses to."""
    sent = []
    monkeypatch.setattr(os, "fsync", lambda handle: sent.append(fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE))
    replace_file(tmp_path / "a.bin", b"data")
    assert sent == [os.O_RDWR]
