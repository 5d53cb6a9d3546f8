import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from impasto.__main__ import main
from impasto.cli.interrupts import Interrupts, Terminated

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def started(folder: Path, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "impasto", "stylize", "photo.png", "style.png", "-o", "out.png", *words]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=one_thread, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    while not path.exists() and process.poll() is None:
        time.sleep(0.05)


@pytest.mark.parametrize("number", CODES)
def test_a_signal_saves_the_picture_reached_so_far(number: signal.Signals, folder: Path) -> None:
    process = started(folder, "--size=32", "--iterations=1000000", "--preview=now.png", "--trace=losses.json", "--json")
    wait_for(folder / "now.png", process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == CODES[number]
    assert json.loads(out)["stopped"] == "interrupted"
    assert "interrupted: this is the picture reached so far" in err
    assert "Traceback" not in err
    assert Image.open(folder / "out.png").size == (32, 27)
    assert len(json.loads((folder / "losses.json").read_text())["steps"]) == json.loads(out)["steps"]


def test_sigterm_is_ctrl_c_inside_the_context_only() -> None:
    outside = signal.getsignal(signal.SIGTERM)
    with Interrupts() as interrupts:
        assert interrupts.exit_code == 130
        with pytest.raises(Terminated):
            os.kill(os.getpid(), signal.SIGTERM)
        assert interrupts.exit_code == 143
    assert signal.getsignal(signal.SIGTERM) == outside


def test_ctrl_c_while_the_command_is_loaded_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "impasto.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "impasto.cli")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    assert main() == 130
    assert capsys.readouterr().err == "impasto: interrupted before there was a picture to save.\n"
