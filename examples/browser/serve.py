"""A page that paints in the browser: nothing is sent anywhere, the network runs on the visitor's own machine.

    pip install '.[export]'
    python examples/browser/serve.py [--port 8000]

The first start exports the network and fetches onnxruntime-web (needs npm); both stay in .cache/browser. The page is
served on this machine alone.
"""

import argparse
import json
import shutil
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from impasto import __version__
from impasto.methods.export import exported
from impasto.networks.feedforward import load_feedforward
from impasto.networks.style_file import style_notes
from impasto.styles import shipped

HERE = Path(__file__).parent
SITE = HERE.parents[1] / ".cache" / "browser"
MADE = 2
"""Raised where the same network is exported otherwise."""
RUNTIME = "onnxruntime-web@1.30.0"
NEEDED = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


class Handler(SimpleHTTPRequestHandler):
    """Files, with what a browser asks for before it gives a page several threads."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def prepare(site: Path = SITE) -> Path:
    """The folder to serve: the page, the network, the styles and what runs them."""
    site.mkdir(parents=True, exist_ok=True)
    for page in ("index.html", "paint.mjs"):
        shutil.copy(HERE / page, site)
    _export(site)
    if not all((site / name).exists() for name in NEEDED):
        subprocess.run(["npm", "install", "--prefix", site, "--no-save", "--ignore-scripts", RUNTIME], check=True)
        for name in NEEDED:
            shutil.copy(site / "node_modules" / "onnxruntime-web" / "dist" / name, site)
    return site


def _export(site: Path) -> None:
    for path in shipped().values():
        shutil.copy(path, site)
    styles = {name: style_notes(path)["about"] for name, path in shipped().items()}
    (site / "styles.json").write_text(json.dumps(styles))
    network = load_feedforward()
    print_of_it, known = site / "network.txt", f"{network.fingerprint} {__version__} {MADE}"
    if print_of_it.exists() and print_of_it.read_text() == known:
        return
    print("exporting the network, once...", flush=True)
    for name, content in zip(("paint.onnx", "looks.onnx"), exported(network), strict=True):
        (site / name).write_bytes(content)
    print_of_it.write_text(known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    try:
        server = ThreadingHTTPServer(("127.0.0.1", options.port), partial(Handler, directory=str(SITE)))
    except (OSError, OverflowError) as error:
        parser.error(f"--port {options.port} cannot be had ({error}). Choose another one.")
    with server:
        prepare()
        print(f"http://127.0.0.1:{server.server_port}  (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
