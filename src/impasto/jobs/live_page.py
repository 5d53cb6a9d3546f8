"""What is painted live, on a page for a browser on this machine."""

import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from impasto.errors import SettingsError
from impasto.jobs.live import Live

_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>impasto live</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>body{margin:0;background:#111;color:#ccc;font:16px system-ui;display:grid;place-items:center;min-height:100vh}
img{max-width:100vw;max-height:90vh;min-width:60vw} button{font:inherit;padding:.3em 1em}</style>
<img src="stream" alt="what the camera sees, painted">
<p><button value="-1">&larr; the style before</button> <button value="1">the next style &rarr;</button></p>
<script>const turn = (by) => fetch("style?by=" + by, {method: "POST"});
for (const button of document.querySelectorAll("button")) button.onclick = () => turn(button.value);
addEventListener("keydown", ({key, target}) => {
  if (key === "ArrowLeft") turn(-1);
  if (key === "ArrowRight" || (key === " " && target === document.body)) turn(1);
});</script></html>"""
_BOUNDARY = "frame"
_OWN_NAMES = {"127.0.0.1", "localhost"}
"""By which a page of this machine is asked for."""


def serve(live: Live, port: int, on_ready: Callable[[str], object]) -> None:
    """Shows the paintings at an address of this machine, which `on_ready` is told, until the source ends.

    Raises `SettingsError` where the port is taken, or nobody may have it.
    """
    try:
        server = _Server(live, port)
    except OSError as error:
        raise SettingsError(
            f"port: {port} cannot be had ({error.strerror}). Choose another one with --port."
        ) from error
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            on_ready(f"http://127.0.0.1:{server.server_port}")
            live.run()
        finally:
            live.end()
            server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, live: Live, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.live = live

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a page that was closed in the middle of an answer."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
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

    def end_headers(self) -> None:
        """Keeps the picture of the camera from pages of somebody else: such a request for one says not whose it is."""
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        super().end_headers()

    def do_GET(self) -> None:
        if self.path == "/":
            self._answer("text/html; charset=utf-8", _PAGE)
        elif self.path == "/stream":
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
            self.end_headers()
            for picture in self.server.live.pictures():
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
        self.server.live.painter.style += by
        self._answer("text/plain", b"")

    def _answer(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


def _name_in(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
