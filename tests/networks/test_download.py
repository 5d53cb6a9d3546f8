"""Fetching, with a server on this machine that fails in all the usual ways."""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from networks.server import Site, serving
from rich.console import Console

from impasto.errors import WeightsError
from impasto.networks import download
from impasto.networks.download import CHUNK, cache_folder, fetch

CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site(CONTENT)) as site:
        yield site


def test_a_file_arrives_whole_under_its_own_name(site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = fetch(site.address, SHA256, tmp_path / "made" / "for it")
    assert path == tmp_path / "made" / "for it" / "weights.pth"
    assert path.read_bytes() == CONTENT
    assert os.listdir(path.parent) == ["weights.pth"]
    assert capfd.readouterr() == ("", "")  # the bar is for terminals


@pytest.mark.parametrize("quiet", [False, True])
def test_a_terminal_shows_how_far_it_is_unless_told_not_to(
    quiet: bool, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(download, "console", Console(file=screen, force_terminal=True, width=80, quiet=quiet))
    fetch(site.address, SHA256, tmp_path)
    assert ("256.0/256.0 kB" in screen.getvalue()) != quiet


def test_what_is_cached_is_not_asked_for_again(site: Site, tmp_path: Path) -> None:
    fetch(site.address, SHA256, tmp_path)
    site.status = 503
    assert fetch(site.address, SHA256, tmp_path).read_bytes() == CONTENT
    assert len(site.starts) == 1


def test_what_is_cached_but_damaged_is_fetched_again(site: Site, tmp_path: Path) -> None:
    (tmp_path / "weights.pth").write_bytes(CONTENT[:-1] + b"!")
    assert fetch(site.address, SHA256, tmp_path).read_bytes() == CONTENT


def test_a_broken_download_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    """Only what had not filled a block is asked for twice."""
    site.cut_after = CHUNK + 1000
    for blocks in (1, 2, 3):
        with pytest.raises(WeightsError, match=r"could not be fetched \(ChunkedEncodingError\): try again"):
            fetch(site.address, SHA256, tmp_path)
        assert (tmp_path / "weights.pth.part").read_bytes() == CONTENT[: blocks * CHUNK]
        assert not (tmp_path / "weights.pth").exists()
    assert fetch(site.address, SHA256, tmp_path).read_bytes() == CONTENT
    assert site.starts == [0, CHUNK, 2 * CHUNK, 3 * CHUNK]
    assert os.listdir(tmp_path) == ["weights.pth"]


def test_a_server_without_ranges_starts_anew(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    (tmp_path / "weights.pth.part").write_bytes(CONTENT[:4000])
    assert fetch(site.address, SHA256, tmp_path).read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_taken(site: Site, tmp_path: Path) -> None:
    """The last run was killed between the last byte and the renaming."""
    (tmp_path / "weights.pth.part").write_bytes(CONTENT)
    assert fetch(site.address, SHA256, tmp_path).read_bytes() == CONTENT


def test_a_wrong_file_is_refused_and_forgotten(site: Site, tmp_path: Path) -> None:
    site.content = CONTENT[::-1]
    with pytest.raises(WeightsError, match=r"did not give the right file \(its checksum differs\): try again later$"):
        fetch(site.address, SHA256, tmp_path)
    assert os.listdir(tmp_path) == []
    site.content = CONTENT
    assert fetch(site.address, SHA256, tmp_path).read_bytes() == CONTENT


def test_a_file_that_is_gone_is_said(site: Site, tmp_path: Path) -> None:
    site.status = 404
    with pytest.raises(WeightsError, match=r"could not be fetched \(HTTPError\): try again, or fetch it by hand to"):
        fetch(site.address, SHA256, tmp_path)


def test_without_a_network_it_says_what_to_fetch_and_where_to_put_it(tmp_path: Path) -> None:
    with serving(Site(CONTENT)) as gone:
        pass
    with pytest.raises(WeightsError) as caught:
        fetch(gone.address, SHA256, tmp_path)
    assert str(caught.value) == (
        f"{gone.address} could not be fetched (ConnectionError): "
        f"try again, or fetch it by hand to {tmp_path / 'weights.pth'}"
    )
    (tmp_path / "weights.pth").write_bytes(CONTENT)
    assert fetch(gone.address, SHA256, tmp_path).read_bytes() == CONTENT


def test_a_cache_that_cannot_be_written_is_said(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(WeightsError, match=r"weights\.pth could not be written .*: set IMPASTO_CACHE elsewhere$"):
        fetch(site.address, SHA256, tmp_path / "file")


def test_the_cache_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("IMPASTO_CACHE")
    assert cache_folder().name == "impasto"
