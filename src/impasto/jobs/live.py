"""A camera or a film, painted as it runs."""

import io
import threading
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from time import monotonic

import numpy as np
from PIL import Image

from impasto.errors import ImageError
from impasto.methods.live import LivePainter
from impasto.motion import Frame

_QUALITY = 85


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


def _frames(source: int | Path) -> Iterator[Frame]:
    import cv2  # of the extra "live"
    from cv2.utils import logging

    logging.setLogLevel(logging.LOG_LEVEL_SILENT)  # what is wrong is told below
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
