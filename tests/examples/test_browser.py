"""The page paints in a browser what torch paints."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import impasto

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.skipif(not CHROMIUM or not shutil.which("npm"), reason="needs chromium and npm"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of the page, served by its own program."""
    words = [sys.executable, "-u", "examples/browser/serve.py", "--port", "0"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout
        said = ""
        for line in server.stdout:
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                break
        else:
            if "npm" in said:
                pytest.skip("npm fetched nothing")
            pytest.fail(said)
        server.terminate()


def test_it_paints_what_torch_paints(address: str, photo: Image.Image, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    picture = photo.resize((256, 192))
    picture.save(tmp_path / "photo.png")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{address}/?style=scream&size=256&strength=0.8")
        page.wait_for_function("document.getElementById('told').textContent === 'Choose a photo.'", timeout=60_000)
        for field in ("#photo", "#own"):
            page.set_input_files(field, Path(__file__))
            page.wait_for_function("/^test_browser.py is no picture/.test(document.getElementById('told').textContent)")
            page.evaluate("document.getElementById('told').textContent = ''")
        page.set_input_files("#photo", tmp_path / "photo.png")
        page.wait_for_function("/^(Painted|It did)/.test(document.getElementById('told').textContent)", timeout=60_000)
        assert re.fullmatch(r"Painted 256×192 in \d+\.\d\d s\.", page.text_content("#told") or "")
        painted = page.evaluate("[...document.getElementById('after').getContext('2d').getImageData(0,0,256,192).data]")
        browser.close()
    assert not faults
    found = np.array(painted, dtype=np.int16).reshape(192, 256, 4)[..., :3]
    # Without the sizes between those that are saved: the page takes the nearest one.
    expected = impasto.stylize(picture, "scream", preset="fast", brushes=1, size=256, style_scale=256 / 222)
    assert np.abs(found - np.asarray(expected.image, dtype=np.int16)).mean() < 1.5


def test_what_is_chosen_while_it_loads_is_painted_and_what_cannot_be_loaded_is_told(
    address: str, photo: Image.Image, tmp_path: Path
) -> None:
    from playwright.sync_api import sync_playwright

    photo.resize((64, 48)).save(tmp_path / "photo.png")
    held: list[Any] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for broken, expected in ((False, "Painted 256×192 in"), (True, "It did not work: .*looks.onnx")):
            page = browser.new_page()
            held.clear()
            page.route("**/looks.onnx", lambda route: held.append(route))
            page.goto(f"{address}/?size=256", wait_until="commit")
            page.set_input_files("#photo", tmp_path / "photo.png")
            while not held:
                page.wait_for_timeout(50)
            held[0].fulfill(status=404) if broken else held[0].continue_()
            words = f"/^{expected}/.test(document.getElementById('told').textContent)"
            page.wait_for_function(words, timeout=60_000)
        browser.close()
