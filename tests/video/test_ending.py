"""Films that are cut short say so, and no others."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from video.clips import write_clip

from impasto.motion import Frame
from impasto.video.reading import Film
from impasto.video.writing import FilmWriter

LONG = 75
"""Frames, in three seconds."""


def noisy(count: int) -> list[Frame]:
    """Frames of which each takes as much of a file as any other."""
    chance = np.random.default_rng(0)
    return [chance.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(count)]


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    short = path.with_name(f"short{path.suffix}")
    short.write_bytes(content[: round(len(content) * share)])
    return short


def notes(path: Path, **part: float) -> list[str]:
    with Film(path, **part) as film:
        for _ in film.frames():
            pass
        return film.notes


def written(path: Path, ending: str, **more) -> Path:
    options = {"codec": "mpeg4", "options": {"b": "4000000", "g": "5"}} if ending == ".avi" else {}
    return write_clip(path.with_name(f"whole{ending}"), noisy(LONG), **options, **more)


@pytest.mark.parametrize(
    ("ending", "sound"), [(".mkv", None), (".mkv", "mp3"), (".avi", None), (".avi", "mp3"), (".flv", None)]
)
def test_a_film_that_is_cut_short_says_by_how_much(tmp_path: Path, ending: str, sound: str | None) -> None:
    whole = written(tmp_path / "a", ending, sound=sound)
    assert notes(whole) == []
    (note,) = (note for note in notes(cut(whole, 0.5)) if "short" in note)
    assert note.startswith("the film ends 1."), note
    assert note.endswith("s before the time that its file says; it may be cut short: get it again.")


def in_front(path: Path) -> Path:
    """The same film with what is known of it in front, as it is on web pages."""
    to = path.with_name("web.mp4")
    with av.open(str(path)) as film, av.open(str(to), "w", options={"movflags": "+faststart"}) as web:
        stream = web.add_stream_from_template(film.streams.video[0])
        for packet in film.demux(video=0):
            if packet.size:
                packet.stream = stream
                web.mux(packet)
    return to


def test_an_mp4_is_cut_short_too_if_it_can_be_read(tmp_path: Path) -> None:
    whole = in_front(written(tmp_path / "a", ".mp4"))
    assert notes(whole) == []
    assert [note for note in notes(cut(whole, 0.5)) if note.startswith("the film ends 1.")]


def test_a_transport_stream_does_not_know_its_end_but_is_made_of_packets(tmp_path: Path) -> None:
    whole = written(tmp_path / "a", ".ts")
    assert notes(whole) == []
    short = cut(whole, 0.5)
    short.write_bytes(short.read_bytes()[: 188 * 150 + 100])
    assert "the file ends in the middle of a packet; it may be cut short: get it again." in notes(short)
    short.write_bytes(short.read_bytes()[: 188 * 150])
    assert not [note for note in notes(short) if "short" in note]


def test_a_part_that_is_whole_has_nothing_to_say(tmp_path: Path) -> None:
    short = cut(written(tmp_path / "a", ".mkv"), 0.5)
    assert notes(short, end=1.0) == []
    assert notes(short, start=0.4, end=1.0) == []
    for part in ({"start": 0.4}, {"end": 2.5}, {"fps": 10.0}):
        assert len(notes(short, **part)) == 1


def test_a_film_that_lost_no_more_than_its_last_frames_says_nothing(tmp_path: Path) -> None:
    whole = written(tmp_path / "a", ".mkv")
    assert not [note for note in notes(cut(whole, 0.95)) if "short" in note]


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".avi"])
def test_a_film_may_be_shorter_than_its_sound(tmp_path: Path, ending: str) -> None:
    source = write_clip(tmp_path / "source.mkv", noisy(LONG), sound="mp3")
    path = tmp_path / f"a{ending}"
    with av.open(str(source)) as film, av.open(str(path), "w") as output:
        streams = {stream.index: output.add_stream_from_template(stream) for stream in film.streams.audio}
        video = output.add_stream("mpeg4", rate=25, width=64, height=48)
        for index, frame in enumerate(noisy(10)):
            picture = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p")
            picture.pts, picture.time_base = index, Fraction(1, 25)
            output.mux(video.encode(picture))
        output.mux(video.encode())
        for packet in film.demux(audio=0):
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux(packet)
    with av.open(str(path)) as film:
        assert film.duration > 2_500_000
    assert notes(path) == []


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm", ".gif", ".webp", ""])
@pytest.mark.parametrize("last", [Fraction(1, 25), Fraction(4)])
def test_no_film_that_impasto_writes_is_said_to_be_cut_short(tmp_path: Path, ending: str, last: Fraction) -> None:
    """One whose last frame stays on for long neither."""
    source, path = write_clip(tmp_path / "a.mkv", noisy(12), sound="aac"), tmp_path / f"out{ending}"
    with Film(source) as film, FilmWriter(path, film.info.shape, film) as writer:
        for number, frame in enumerate(noisy(12)):
            writer.add(frame, Fraction(number, 25), last if number == 11 else Fraction(1, 25))
    assert notes(path) == []


def test_a_length_that_ffmpeg_guesses_is_not_believed(tmp_path: Path) -> None:
    """As that of a Matroska film that was written into a pipe, and so has none."""

    class Pipe:
        def __init__(self, path: Path) -> None:
            self._file = path.open("wb")

        def write(self, data: bytes) -> int:
            return self._file.write(data)

        def close(self) -> None:
            self._file.close()

    pipe = Pipe(path := tmp_path / "a.mkv")
    with av.open(pipe, "w", format="matroska") as output:
        video, sound = output.add_stream("mpeg4", rate=25, width=64, height=48), output.add_stream("mp3", rate=48000)
        video.bit_rate = 4_000_000
        for index, frame in enumerate(noisy(LONG)):
            picture = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p")
            picture.pts, picture.time_base = index, Fraction(1, 25)
            output.mux(video.encode(picture))
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 1920), np.int16), "s16", "stereo")
            silence.sample_rate, silence.pts = 48000, 1920 * index
            output.mux(sound.encode(silence))
        output.mux(video.encode())
        output.mux(sound.encode())
    pipe.close()
    with av.open(str(path)) as film:
        assert (film.duration or 0) > 4_000_000, "the guess that would be wrong"
    assert notes(path) == []
