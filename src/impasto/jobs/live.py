"""A camera or a film, painted as it runs, and served to a browser on this machine."""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from impasto.errors import ImageError, SettingsError
from impasto.methods.live import LivePainter
from impasto.motion import Frame

_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>impasto live</title>
<link rel="icon" href="data:,">
<style>body{margin:0;background:#111;color:#ccc;font:16px system-ui;display:grid;place-items:center;min-height:100vh}
img{max-width:100vw;max-height:90vh;min-width:60vw}</style>
<img src="stream" alt="what the camera sees, painted"><p>Space or &rarr;: next style. &larr;: the one before.</p>
<script>addEventListener("keydown", ({key}) => { const by = {" ": 1, ArrowRight: 1, ArrowLeft: -1}[key];
if (by) fetch("style?by=" + by, {method: "POST"}); });</script></html>"""
_BOUNDARY = "frame"
_QUALITY = 85
_OWN_NAMES = {"127.0.0.1", "localhost"}
"""By which a page of this machine is asked for."""


class Live:
    """Frames of a source, painted one after the other. Of a camera the newest, of a film every one."""

    def __init__(self, source: int | Path, painter: LivePainter) -> None:
        """Raises `ImageError` where the source gives no frame."""
        self.painter = painter
        self._frames = _frames(source)
        self._first = next(self._frames)
        self._painted = b""
        self._count = 0
        self._changed = threading.Condition()
        self._ended = False
        self._began, self._took = 0.0, 0.0

    @property
    def rate(self) -> float:
        """Frames a second, from the first to the last that was painted, with what it takes to get them."""
        return self._count / self._took if self._took else 0.0

    def run(self) -> None:
        """Paints until the source ends or `end` is called."""
        self._began = monotonic()
        try:
            for frame in chain([self._first], self._frames):
                if self._ended:
                    break
                self._paint(frame)
        finally:
            self.end()

    def end(self) -> None:
        """Ends the painting, and whoever waits for a picture."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def pictures(self) -> Iterator[bytes]:
        """The paintings as JPEG, each as soon as it is there, the newest only."""
        told = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda told=told: self._count > told or self._ended)  # type: ignore[misc]
                if self._count == told:
                    return
                told, picture = self._count, self._painted
            yield picture

    def _paint(self, frame: Frame) -> None:
        file = io.BytesIO()
        Image.fromarray(self.painter.paint(frame)).save(file, "JPEG", quality=_QUALITY)
        with self._changed:
            self._painted, self._count = file.getvalue(), self._count + 1
            self._took = monotonic() - self._began
            self._changed.notify_all()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a page that was closed in the middle of an answer."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def serve(live: Live, port: int, on_ready: Callable[[str], object]) -> None:
    """Shows the paintings at an address of this machine, which `on_ready` is told, until the source ends.

    Raises `SettingsError` where the port is taken, or nobody may have it.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = 30  # seconds for a request to come whole: nobody may keep a thread for good

        def parse_request(self) -> bool:
            """Refuses what a page of somebody else's asks for: its name may lead to this machine, too."""
            if not super().parse_request():
                return False
            host = f"//{self.headers.get('Host', '')}"
            if {_name_in(host), _name_in(self.headers.get("Origin", host))} <= _OWN_NAMES:
                return True
            self.send_error(403)
            return False

        def do_GET(self) -> None:
            if self.path == "/":
                self._answer("text/html; charset=utf-8", _PAGE)
            elif self.path == "/stream":
                self.send_response(200)
                self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
                self.end_headers()
                for picture in live.pictures():
                    head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                    # Twice: Chromium shows a picture when it sees the head of the next, which would be a frame late.
                    self.wfile.write(2 * (head.encode() + picture + b"\r\n"))
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            by = {"/style?by=1": 1, "/style?by=-1": -1}.get(self.path)
            if by is None:
                self.send_error(404)
                return
            live.painter.style += by
            self._answer("text/plain", b"")

        def _answer(self, kind: str, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    try:
        server = _Server(("127.0.0.1", port), Handler)
    except OSError as error:
        raise SettingsError(
            f"port: {port} cannot be had ({error.strerror}). Choose another one with --port."
        ) from error
    server.daemon_threads = True
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        on_ready(f"http://127.0.0.1:{server.server_port}")
        try:
            live.run()
        finally:
            live.end()
            server.shutdown()


def _name_in(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _frames(source: int | Path) -> Iterator[Frame]:
    import cv2  # of the extra "live"

    if isinstance(source, Path) and not source.is_file():
        raise ImageError(f"{str(source)!r}: there is no such file. Check the path.")
    capture = cv2.VideoCapture(source if isinstance(source, int) else str(source))
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # of a camera: what waits in a line would be seen late
    try:
        empty = True
        while True:
            there, frame = capture.read()
            if not there:
                break
            empty = False
            yield np.ascontiguousarray(frame[..., ::-1])  # it comes as BGR
        if empty:
            what = f"camera {source}" if isinstance(source, int) else repr(str(source))
            raise ImageError(f"{what} gives no picture. Name another one with --source: a number, or a film.")
    finally:
        capture.release()
