"""A file server on this machine that can stop in the middle, as networks do."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server gives, and what it was asked for."""

    content: bytes
    cut_after: int | None = None
    """Close the connection after so many bytes of an answer."""
    ranges: bool = True
    """Whether it understands a request for a part of the file."""
    status: int = 200
    starts: list[int] = field(default_factory=list)
    """Where each answer began in the file."""
    address: str = ""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serves `site` at `site.address` on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(asked[1]) if asked and site.ranges else 0
            status = site.status
            if asked and site.ranges and status == 200:
                status = 206 if start < len(site.content) else 416
            body = site.content[start:] if status in (200, 206) else b""
            site.starts.append(start)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: site.cut_after])

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}/folder/weights.pth"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
