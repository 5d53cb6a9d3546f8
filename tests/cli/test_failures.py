import errno
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.cli import app
from impasto.cli.failures import report
from impasto.cli.interrupts import Terminated
from impasto.cli.words import say, visible
from impasto.errors import ImageError

from .conftest import Impasto

CASES = {
    "mistake": (ImageError("a.png: no such file."), 2, "a.png: no such file."),
    "full disk": (OSError(errno.ENOSPC, "No space left on device", "out.png"), 2, "the disk is full"),
    "file too large": (OSError(errno.EFBIG, "File too large"), 2, "the disk is full"),
    "other file error": (PermissionError(errno.EACCES, "Permission denied", "a.png"), 2, "a.png: permission denied."),
    "memory": (MemoryError(), 2, "not enough memory. Choose a smaller --size"),
    "torch's memory": (RuntimeError("[enforce fail] can't allocate memory: you tried"), 2, "not enough memory"),
    "memory for code": (RuntimeError("could not create a primitive"), 2, "not enough memory"),
    "memory to load": (ImportError("lib.so: failed to map segment from shared object"), 2, "not enough memory"),
    "no such convolution": (RuntimeError("could not create a primitive descriptor for a pooling"), 1, "a fault"),
    "broken library": (ImportError("lib.so: undefined symbol: f"), 1, "a fault"),
    "Ctrl-C": (KeyboardInterrupt(), 130, "interrupted"),
    "SIGTERM": (Terminated(), 143, "terminated"),
    "fault": (ZeroDivisionError("division\nby zero"), 1, "(ZeroDivisionError: division). Run again with --debug."),
    "fault without words": (AssertionError(), 1, "Run again with --debug."),
}


@pytest.mark.parametrize("kind", CASES)
def test_one_line_and_an_exit_code(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    error, code, told = CASES[kind]
    assert report(error) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.startswith("impasto: ")
    assert err.index("\n") == len(err) - 1


@given(st.text())
def test_whatever_is_told_stays_one_line(told: str) -> None:
    line = visible(told)
    assert len(line.splitlines()) <= 1
    assert line.isprintable()


def test_printable_text_is_told_as_it_is() -> None:
    assert visible("Größe 512×384, 'ß' \\ 日本") == "Größe 512×384, 'ß' \\ 日本"
    assert visible("a\nb\udc80") == "a\\nb\\udc80"


def failing() -> None:
    raise ZeroDivisionError("on purpose")


def stopped() -> None:
    raise KeyboardInterrupt


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two more commands: `faulty` meets a fault of impasto's own, `stopped` a Ctrl-C."""
    monkeypatch.setattr(app, "_commands", dict(app._commands))
    app.command(failing, name="faulty")
    app.command(stopped, name="stopped")


@pytest.mark.usefixtures("faulty")
def test_ctrl_c_before_there_is_a_picture(impasto: Impasto) -> None:
    ended = impasto("stopped")
    assert ended.code == 130
    assert ended.err == "impasto: interrupted before there was a picture to save.\n"


@pytest.mark.usefixtures("faulty")
def test_a_fault_asks_for_debug(impasto: Impasto) -> None:
    ended = impasto("faulty")
    assert ended.code == 1
    assert ended.err == "impasto: a fault of impasto's own (ZeroDivisionError: on purpose). Run again with --debug.\n"


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("words", [["faulty", "--debug"], ["--debug", "faulty"]])
def test_debug_shows_where(words: list[str], impasto: Impasto) -> None:
    ended = impasto(*words)
    assert ended.code == 1
    assert ended.err.startswith("Traceback")
    assert "in failing" in ended.err


def test_debug_shows_where_a_mistake_was_found_out(impasto: Impasto) -> None:
    ended = impasto("stylize", "nowhere.png", "style.png", "-o", "out.png", "--debug")
    assert ended.code == 2
    assert ended.err.startswith("Traceback")
    assert ended.err.splitlines()[-1].startswith("impasto: 'nowhere.png'")


@pytest.mark.parametrize("words", ["networks --json", "networks", "styles", "info", "stylize --help", "--version"])
def test_a_reader_that_leaves_is_no_fault(words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "impasto", *words.split()]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    os.close(writing)
    assert ended.returncode == 141
    assert ended.stderr == b""


def test_where_stderr_is_closed_stdout_keeps_what_is_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    say("a line for people")
    assert report(ImageError("a.png: no such file.")) == 2
    assert capsys.readouterr().out == ""
