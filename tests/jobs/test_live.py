"""A film, painted as it runs, and what a browser gets of it."""

import io
import socket
import struct
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cv2
import numpy as np
import pytest
from PIL import Image

from impasto.errors import ImpastoError
from impasto.jobs.live import Live
from impasto.jobs.live_page import serve
from impasto.methods.live import LivePainter
from impasto.settings.live import LiveSettings


@pytest.fixture
def film(photo: Image.Image, tmp_path: Path) -> Path:
    """Twelve frames that hardly differ."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (96, 64))
    for shift in range(12):
        frame = np.asarray(photo.resize((96, 64)).rotate(shift / 10))
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    return path


def painter(*styles: object, **settings: object) -> LivePainter:
    return LivePainter(styles, LiveSettings.checked({"size": 64} | settings))


def picture(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)), dtype=np.int16)


def test_frames_are_painted_at_their_size_in_the_style_that_is_chosen(photo, styles) -> None:
    live, frame = painter("scream", styles["mosaic"]), np.array(photo.resize((96, 64)))
    first = live.paint(frame)
    assert (first.shape, first.dtype) == ((40, 64, 3), np.uint8)
    live.style += 1
    second = live.paint(frame)
    assert np.abs(first.astype(int) - second).mean() > 10
    live.style += 1
    assert np.abs(first.astype(int) - live.paint(frame)).mean() < 1


def test_without_strength_a_frame_comes_back(photo) -> None:
    frame = np.array(photo.resize((64, 40)))
    painted = painter("scream", strength=0.0).paint(frame)
    assert np.abs(painted.astype(int) - frame).mean() < 12


def test_every_frame_of_a_film_is_painted(film: Path) -> None:
    live = Live(film, painter("scream"))
    counted: list[int] = []
    live.painter.paint = lambda frame: counted.append(1) or frame  # type: ignore[method-assign,assignment,func-returns-value]
    live.run()
    assert len(counted) == 12
    assert len([*live.pictures()]) == 1, "whoever comes late sees the last one"


def test_the_rate_is_frames_by_the_time_that_all_of_them_took(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live, now = Live(film, painter("scream")), count(0.0, 0.25)
    monkeypatch.setattr("impasto.jobs.live.monotonic", lambda: next(now))
    live.painter.paint = lambda frame: frame  # type: ignore[method-assign]
    assert live.rate == 0
    live.run()
    assert live.rate == pytest.approx(4.0)


@pytest.fixture
def address(film: Path) -> Iterator[tuple[str, Live]]:
    """A page whose film stands still until it is asked for."""
    live, ready, told = Live(film, painter("scream", "udnie")), threading.Event(), []
    go_on = threading.Event()
    paint = live.painter.paint
    live.painter.paint = lambda frame: (go_on.wait(20), paint(frame))[1]  # type: ignore[method-assign]
    thread = threading.Thread(target=serve, args=(live, 0, lambda address: (told.append(address), ready.set())))
    thread.start()
    assert ready.wait(20)
    live.go_on = go_on  # type: ignore[attr-defined]
    yield told[0], live
    go_on.set()
    live.end()
    thread.join(20)


def test_a_browser_is_sent_one_painting_after_the_other(address: tuple[str, Live]) -> None:
    url, live = address
    assert b"<img" in urlopen(url).read()
    with urlopen(f"{url}/stream", timeout=20) as stream:
        assert stream.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=frame"
        live.go_on.set()  # type: ignore[attr-defined]
        for _ in range(2):
            assert stream.readline() == b"--frame\r\n"
            assert stream.readline() == b"Content-Type: image/jpeg\r\n"
            length = int(stream.readline().split()[1])
            stream.readline()
            assert picture(stream.read(length)).shape == (40, 64, 3)
            stream.readline()


def test_the_head_of_the_next_is_not_waited_for_as_chromium_shows_a_painting_only_then(address) -> None:
    url, live = address

    def pictures() -> Iterator[bytes]:
        yield b"painted"
        live.go_on.wait(20)

    live.pictures = pictures
    head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 7\r\n\r\n"
    whole = head + b"painted\r\n" + head
    with urlopen(f"{url}/stream", timeout=5) as stream:
        assert stream.read(len(whole)) == whole


def test_keys_change_the_style_and_nothing_else_is_answered(address: tuple[str, Live]) -> None:
    url, live = address
    for by, expected in ((1, 1), (1, 2), (-1, 1)):
        urlopen(Request(f"{url}/style?by={by}", method="POST")).read()
        assert live.painter.style == expected
    for wrong in (f"{url}/../etc/passwd", f"{url}/style", Request(f"{url}/style?by=7", method="POST")):
        with pytest.raises(HTTPError, match="404"):
            urlopen(wrong)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example.com"},
        {"Host": "127.0.0.1.example.com:8001"},
        {"Host": "[bad"},
        {"Origin": "http://evil.example.com"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_a_page_of_somebody_else_is_told_nothing_and_changes_nothing(address, headers) -> None:
    url, live = address
    for method, path in (("GET", "/"), ("GET", "/stream"), ("POST", "/style?by=1")):
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(f"{url}{path}", method=method, headers=headers))
    assert live.painter.style == 0
    own = Request(f"{url}/style?by=1", method="POST", headers={"Origin": url})
    assert urlopen(own).status == 200


def test_a_page_of_somebody_else_cannot_show_what_it_may_not_read(address) -> None:
    url, _ = address
    for path in ("", "/stream"):
        with urlopen(f"{url}{path}", timeout=20) as answer:
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"


def test_a_page_that_is_closed_at_once_says_nothing(address, capfd) -> None:
    url, _ = address
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
    urlopen(url).read()
    assert capfd.readouterr().err == ""


def test_what_cannot_be_shown_is_refused(film: Path, tmp_path: Path) -> None:
    with pytest.raises(ImpastoError, match="no such file"):
        Live(tmp_path / "none.avi", painter("scream"))
    (tmp_path / "text.avi").write_text("no film")
    with pytest.raises(ImpastoError, match="gives no picture"):
        Live(tmp_path / "text.avi", painter("scream"))
    with pytest.raises(ImpastoError, match="there is no style"):
        painter("none.style")


def test_a_camera_that_is_not_there_is_told_in_one_line(capfd) -> None:
    with pytest.raises(ImpastoError, match="camera 77 gives no picture"):
        Live(77, painter("scream"))
    assert capfd.readouterr().err == "", "nothing but what is raised"
