import os
import resource
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from video.clips import NTSC, drawn, number, packets, patches, stamps, write_clip

from impasto.errors import ImpastoError, OutputError, SettingsError
from impasto.video.reading import Film
from impasto.video.writing import FilmWriter

FRAMES = [drawn(index) for index in range(12)]
FORMATS = [
    ("a.mp4", "h264"), ("a.mp4", "hevc"), ("a.mov", "prores"), ("a.mkv", "ffv1"), ("a.mkv", "h264"),
    ("a.webm", "vp9"), ("a.gif", None), ("a.webp", None), ("a", None),
]  # fmt: skip


def written(path, film, codec=None, crf=None, shape=None):
    """The film as it is, written to `path`; with what the writer told."""
    with FilmWriter(path, shape or film.info.shape, film, codec, crf) as writer:
        for frame in film.frames():
            writer.add(frame.pixels, frame.time, frame.duration)
        return list(writer.notes)


@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_every_format_gives_the_film_back(tmp_path, name, codec):
    rainbow = [np.roll(patches(64), 16 * index, 1) for index in range(7)]
    film = Film(write_clip(tmp_path / "source.mkv", rainbow, codec="ffv1", pixels="bgr0", options={}))
    assert written(tmp_path / name, film, codec) == []
    back = Film(tmp_path / name)
    assert back.info.shape == film.info.shape
    assert back.info.frames == 7
    for before, after in zip(film.frames(), back.frames(), strict=True):
        assert (before.time, before.duration) == (after.time, after.duration)
        middles = np.s_[32, 8::16]
        # WebP and GIF dither or smear: their colors are right on the whole.
        near = 3 if name[-1] in "4v" else 8
        assert np.abs(before.pixels[middles].astype(int) - after.pixels[middles]).max() <= near
    assert sorted(os.listdir(tmp_path)) == sorted({"source.mkv", name})


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "ffv1"), ("a", None)])
def test_some_lose_nothing(tmp_path, name, codec):
    noise = [np.random.default_rng(index).integers(0, 256, (33, 47, 3), np.uint8) for index in range(3)]
    film = Film(write_clip(tmp_path / "source.mkv", FRAMES[:3]))
    with FilmWriter(tmp_path / name, (33, 47), film, codec) as writer:
        for frame, pixels in zip(film.frames(), noise, strict=True):
            writer.add(pixels, frame.time, frame.duration)
    assert np.array_equal([frame.pixels for frame in Film(tmp_path / name).frames()], noise)


@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_the_same_frames_make_the_same_file(tmp_path, name, codec):
    film = Film(write_clip(tmp_path / "source.mp4", FRAMES, sound="aac"))
    files = []
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        written(tmp_path / run / name, film, codec)
        path = tmp_path / run / name
        files.append([file.read_bytes() for file in (sorted(path.iterdir()) if path.is_dir() else [path])])
    assert files[0] == files[1]


def test_times_are_those_of_the_source(tmp_path):
    for name, rate in (("ntsc", NTSC), ("pal", Fraction(25)), ("odd", Fraction(17, 3))):
        source = write_clip(tmp_path / f"{name}.mp4", FRAMES, rate)
        written(tmp_path / "out.mp4", Film(source))
        assert stamps(tmp_path / "out.mp4") == stamps(source) == [n / rate for n in range(12)]


def test_a_variable_rate_stays(tmp_path):
    ticks = [0, 7, 8, 20, 33, 34, 35, 90, 91, 100, 150, 151]
    source = write_clip(tmp_path / "a.mp4", FRAMES, times=ticks, time_base=Fraction(1, 90))
    written(tmp_path / "out.mp4", Film(source))
    assert stamps(tmp_path / "out.mp4") == [Fraction(tick, 90) for tick in ticks]


@pytest.mark.parametrize("name", ["out.mp4", "out.mov"])
def test_a_film_that_begins_after_its_sound_does_so_to_the_tick(tmp_path, name):
    clip = write_clip(
        tmp_path / "a.mkv", FRAMES, times=range(1, 1 + len(FRAMES)), time_base=Fraction(1, 25), sound="aac"
    )
    source = write_clip(tmp_path / "a.ts", FRAMES, sound="aac", begins=3)  # by a clock of 90 kHz
    for path in (clip, source):
        film = Film(path)
        written(tmp_path / name, film)
        known = [frame.time for frame in film.frames()]
        assert known[0] > 0
        assert stamps(tmp_path / name) == known


@pytest.mark.parametrize(("source", "target"), [("mp4", "mp4"), ("mp4", "mov"), ("mkv", "mkv"), ("mov", "mkv")])
def test_sound_is_copied_untouched(tmp_path, source, target):
    film = Film(write_clip(tmp_path / f"a.{source}", FRAMES, NTSC, sound="aac"))
    assert film.info.sound
    assert written(tmp_path / f"out.{target}", film) == []
    before, after = packets(film.path), packets(tmp_path / f"out.{target}")
    assert len(before) > 20
    assert [data for _, data in before] == [data for _, data in after]
    if target == "mkv":  # which counts milliseconds, from 0
        shift = stamps(tmp_path / "out.mkv")[0] - stamps(film.path)[0]
        assert all(abs(a[0] + shift - b[0]) <= Fraction(1, 1000) for a, b in zip(before, after, strict=True))
    else:
        assert [time for time, _ in before] == [time for time, _ in after]


def test_sound_and_frames_lie_side_by_side(tmp_path):
    film = Film(write_clip(tmp_path / "a.mkv", [drawn(n % 30) for n in range(100)], sound="aac"))
    written(tmp_path / "out.mkv", film)
    with av.open(str(tmp_path / "out.mkv")) as out:
        times = [float(packet.pts * packet.time_base) for packet in out.demux() if packet.size]
    assert max(abs(np.diff(times))) < 0.5


def test_two_languages_and_the_title_come_along(tmp_path):
    one = write_clip(tmp_path / "one.mkv", FRAMES, sound="aac")
    two = tmp_path / "two.mkv"
    with av.open(str(one)) as a, av.open(str(one)) as b, av.open(str(two), "w") as output:
        output.metadata["title"] = "A film"
        new = {}
        for number_, (film, language) in enumerate(((a, "fra"), (b, "deu"))):
            new[number_] = output.add_stream_from_template(film.streams.audio[0])
            new[number_].metadata["language"] = language
        video = output.add_stream_from_template(a.streams.video[0], opaque=True)
        for number_, film in enumerate((a, b)):
            for packet in film.demux():
                if packet.size and packet.stream.type == "audio":
                    packet.stream = new[number_]
                    output.mux(packet)
                elif packet.size and film is a:
                    packet.stream = video
                    output.mux(packet)
    written(tmp_path / "out.mp4", Film(two))
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert [stream.language for stream in out.streams.audio] == ["fra", "deu"]
        assert out.metadata["title"] == "A film"


def with_subtitles(tmp_path):
    clip = write_clip(tmp_path / "clip.mkv", [drawn(n) for n in range(30)], sound="aac")
    (tmp_path / "a.srt").write_text(
        "1\n00:00:00,100 --> 00:00:00,300\nHello\n\n2\n00:00:00,700 --> 00:00:01,000\nBye\n\n"
        "3\n00:00:00,700 --> 00:00:01,000\n(at once)\n"
    )
    path = tmp_path / "a.mkv"
    with av.open(str(clip)) as film, av.open(str(tmp_path / "a.srt")) as words, av.open(str(path), "w") as output:
        new = {film: {}, words: {}}
        for source in (film, words):
            for stream in source.streams:
                new[source][stream.index] = output.add_stream_from_template(stream, opaque=True)
        for source in (words, film):
            for packet in source.demux():
                if packet.size:
                    packet.stream = new[source][packet.stream_index]
                    output.mux(packet)
    return path


def test_subtitles_are_copied_where_the_file_holds_them(tmp_path):
    film = Film(with_subtitles(tmp_path))
    assert written(tmp_path / "out.mkv", film) == []
    said = packets(tmp_path / "out.mkv", "subtitle")
    assert [data for _, data in said] == [b"Hello", b"Bye", b"(at once)"]
    shift = stamps(tmp_path / "out.mkv")[0]
    assert [float(time - shift) for time, _ in said] == pytest.approx([0.1, 0.7, 0.7], abs=2e-3)
    notes = written(tmp_path / "out.mp4", film)
    assert notes == ["MP4 holds no subrip subtitles: left out. Write .mkv to keep it."]
    assert len(packets(tmp_path / "out.mp4")) == len(packets(film.path))


def test_a_part_has_the_subtitles_that_are_seen_in_it(tmp_path):
    film = Film(with_subtitles(tmp_path), start=0.2, end=0.8)
    written(tmp_path / "out.mkv", film)
    with av.open(str(tmp_path / "out.mkv")) as out:
        said = [
            (bytes(packet), [float(ticks * packet.time_base) for ticks in (packet.pts, packet.duration)])
            for packet in out.demux(subtitles=0)
            if packet.size
        ]
    assert [text for text, _ in said] == [b"Hello", b"Bye", b"(at once)"]
    assert [times for _, times in said] == [pytest.approx(times, abs=2e-3) for times in ((0, 0.1), *[(0.5, 0.1)] * 2)]
    written(tmp_path / "later.mkv", Film(film.path, start=0.4))
    assert [data for _, data in packets(tmp_path / "later.mkv", "subtitle")] == [b"Bye", b"(at once)"]


def test_a_part_has_the_sound_of_that_part(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", [drawn(n) for n in range(40)], sound="aac"), start=0.4, end=1.0)
    written(tmp_path / "out.mp4", film)
    assert stamps(tmp_path / "out.mp4") == [Fraction(n, 25) for n in range(15)]
    before = [(time - Fraction(2, 5), data) for time, data in packets(film.path) if 0.4 <= time < 1.0]
    after = packets(tmp_path / "out.mp4")
    assert [data for _, data in before] == [data for _, data in after]
    assert all(abs(a - b) < 1e-3 for (a, _), (b, _) in zip(before, after, strict=True))


def test_another_rate_leaves_the_sound_as_it_is(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", FRAMES, sound="aac"), fps=10)
    written(tmp_path / "out.mp4", film)
    assert packets(tmp_path / "out.mp4") == packets(film.path)
    assert stamps(tmp_path / "out.mp4") == [Fraction(n, 10) for n in range(5)]


@pytest.mark.parametrize(("fps", "count"), [(24000 / 1001, 12), (59.94005994, 29), (0.033333333333, 1), (0.0003, 1)])
def test_any_rate_can_be_written_however_many_digits_it_has(tmp_path, fps, count):
    written(tmp_path / "out.mp4", Film(write_clip(tmp_path / "a.mp4", FRAMES), fps=fps))
    seen = stamps(tmp_path / "out.mp4")
    assert [float(time) for time in seen] == pytest.approx([number / fps for number in range(count)])


def test_sound_that_a_file_cannot_hold_is_encoded_anew_and_told(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", [drawn(n) for n in range(40)], sound="aac"))
    notes = written(tmp_path / "out.webm", film)
    assert notes == ["WebM holds no aac sound: it was encoded anew. Write .mkv to keep it as it is."]
    with av.open(str(tmp_path / "out.webm")) as out:
        assert out.streams.audio[0].codec_context.name in ("opus", "libopus")
        samples = sum(frame.samples for frame in out.decode(audio=0))
    assert samples / 48000 == pytest.approx(1.6, abs=0.06)


@pytest.mark.parametrize(
    ("sound", "layout", "name", "heard"),
    [
        ("ac3", "5.1(side)", "out.webm", "5.1"),
        ("ac3", "quad(side)", "out.webm", "quad"),
        ("ac3", "4.0", "out.webm", "stereo"),
        ("pcm_s16le", "3.0", "out.mp4", "3.0"),
        ("pcm_s16le", "5.0", "out.mp4", "5.0"),
    ],
)
def test_sound_of_many_loudspeakers_is_heard_from_as_many_as_the_encoder_knows(tmp_path, sound, layout, name, heard):
    film = Film(write_clip(tmp_path / "a.mkv", FRAMES, sound=sound, layout=layout))
    (note,) = written(tmp_path / name, film)
    assert ("mixed down to stereo" in note) == (heard == "stereo")
    with av.open(str(tmp_path / name)) as out:
        frames = list(out.decode(audio=0))
    assert {frame.layout.name for frame in frames} == {heard}
    assert sum(frame.samples for frame in frames) / 48000 == pytest.approx(0.48, abs=0.06)


def test_what_a_file_cannot_hold_is_known_before_the_first_frame(tmp_path):
    # Two channels that do not say which is left: MP4 refuses them, but only when it is finished.
    film = Film(write_clip(tmp_path / "a.mkv", FRAMES, sound="pcm_s16le"))
    notes = written(tmp_path / "out.mp4", film)
    assert notes == ["MP4 holds no pcm_s16le sound: it was encoded anew. Write .mkv to keep it as it is."]
    assert sum(len(data) for _, data in packets(tmp_path / "out.mp4")) > 1000


def test_pictures_without_sound_say_so(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", FRAMES, sound="aac"))
    assert "left out" in written(tmp_path / "out.gif", film)[0]
    assert "left out" in written(tmp_path / "out", film)[0]


@pytest.mark.parametrize(("name", "shape"), [("a.mp4", (46, 64)), ("a.mov", (46, 64)), ("a.webm", (45, 63))])
def test_an_odd_side_repeats_its_border(tmp_path, name, shape):
    film = Film(write_clip(tmp_path / "source.mp4", FRAMES))
    ramp = np.repeat(np.linspace(20, 235, 63).round().astype(np.uint8)[None, :, None], 45, 0).repeat(3, 2)
    with FilmWriter(tmp_path / name, (45, 63), film, crf=None) as writer:
        writer.add(ramp, Fraction(0), Fraction(1))
    seen = next(Film(tmp_path / name).frames()).pixels
    assert seen.shape[:2] == shape
    assert np.abs(seen[:45, :63].astype(int) - ramp).max() <= 6
    assert np.abs(seen[:, -1].astype(int) - 235).max() <= 6


def test_what_players_want_to_know_is_in_the_file(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", FRAMES, sound="aac"))
    for codec, tag in (("h264", "avc1"), ("hevc", "hvc1")):
        written(tmp_path / "out.mp4", film, codec)
        data = (tmp_path / "out.mp4").read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")  # it plays before it is there as a whole
        with av.open(str(tmp_path / "out.mp4")) as out:
            context = out.streams.video[0].codec_context
            assert out.streams.video[0].codec_tag == tag
            assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
            assert context.pix_fmt == "yuv420p"


def test_crf_trades_bytes_for_quality(tmp_path):
    noise = [np.random.default_rng(index).integers(0, 256, (48, 64, 3), np.uint8) for index in range(4)]
    film = Film(write_clip(tmp_path / "a.mp4", noise))
    sizes = []
    for crf in (10, None, 40):
        written(tmp_path / "out.mp4", film, crf=crf)
        sizes.append((tmp_path / "out.mp4").stat().st_size)
    assert sizes[0] > sizes[1] > sizes[2]


def test_what_stands_still_in_a_gif_stands_still(tmp_path):
    still = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint8)
    frames = [still.copy() for _ in range(6)]
    for index, frame in enumerate(frames):
        frame[:10, 5 * index : 5 * index + 5] = 255
    film = Film(write_clip(tmp_path / "a.mkv", frames, codec="ffv1", pixels="bgr0", options={}))
    written(tmp_path / "out.gif", film)
    seen = [frame.pixels for frame in Film(tmp_path / "out.gif").frames()]
    assert all(np.array_equal(frame[12:], seen[0][12:]) for frame in seen)
    assert np.abs(seen[0].astype(int) - frames[0]).mean() < 12


@pytest.mark.parametrize(
    ("path", "options", "told"),
    [
        ("a.xyz", {}, "does not end like a film to write: .mp4"),
        ("a.jpg", {}, "does not end like a film to write"),
        ("a.webm", {"codec": "h264"}, "codec 'h264' does not go into WebM"),
        ("a.mp4", {"codec": "h265"}, "Did you mean 'h264'"),
        ("a.mp4", {"crf": 52}, "between 0, the best, and 51"),
        ("a.mov", {"crf": 3}, "ProRes 422 HQ has no such setting"),
        ("folder", {"crf": 3}, "folder of PNG"),
    ],
)
def test_impossible_choices_are_told(tmp_path, path, options, told):
    film = Film(write_clip(tmp_path / "source.mp4", FRAMES[:2]))
    with pytest.raises(SettingsError, match=told):
        FilmWriter(tmp_path / path, (48, 64), film, **options)


def test_what_cannot_be_written_is_known_before_the_first_frame(tmp_path):
    film = Film(write_clip(tmp_path / "source.mp4", FRAMES[:2]))
    for path in (tmp_path / "none" / "a.mp4", tmp_path / "none" / "folder", "/proc/a.mp4"):
        with pytest.raises(OutputError) as caught, FilmWriter(path, (48, 64), film):
            pass
        assert "\n" not in str(caught.value)


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"the old one")
    yield path
    assert path.read_bytes() == b"the old one"
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "source.mp4"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_an_error_between_two_frames_harms_nothing_and_stays_what_it_is(tmp_path, old, error):
    film = Film(write_clip(tmp_path / "source.mp4", FRAMES, sound="aac"))

    def paint(writer):
        for frame in film.frames():
            writer.add(frame.pixels, frame.time, frame.duration)
        raise error("in the painter")

    with pytest.raises(error), FilmWriter(old, (48, 64), film) as writer:
        paint(writer)


def test_a_full_disk_is_told_and_harms_nothing(tmp_path, old):
    noise = [np.random.default_rng(index).integers(0, 256, (96, 128, 3), np.uint8) for index in range(20)]
    film = Film(write_clip(tmp_path / "source.mp4", noise, sound="aac"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OutputError, match=r"a\.mp4' cannot be written \(File too large\). Make room") as caught:
            written(old, film, crf=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "beside"), [("a.mkv", ""), ("a.gif", ""), ("a.gif", ".frames")])
def test_a_link_where_a_film_is_being_written_is_not_followed(tmp_path, name, beside):
    (tmp_path / "other.txt").write_bytes(b"precious")
    (tmp_path / f".{name}.unfinished{beside}").symlink_to(tmp_path / "other.txt")
    written(tmp_path / name, Film(write_clip(tmp_path / "source.mp4", FRAMES)))
    assert (tmp_path / "other.txt").read_bytes() == b"precious"
    assert sorted(os.listdir(tmp_path)) == sorted([name, "other.txt", "source.mp4"])


def test_a_film_without_frames_is_none(tmp_path, old):
    film = Film(write_clip(tmp_path / "source.mp4", FRAMES[:2]))
    with pytest.raises(OutputError, match="a film needs a frame"), FilmWriter(old, (48, 64), film):
        pass


def test_a_folder_of_frames_is_replaced_as_a_whole(tmp_path):
    source = write_clip(tmp_path / "source.mp4", FRAMES)
    out = tmp_path / "out.frames"
    out.mkdir()
    written(out, Film(source))
    assert sorted(os.listdir(out)) == [f"{n + 1:06}.png" for n in range(12)]
    written(out, Film(source, end=0.1))
    assert sorted(os.listdir(out)) == ["000001.png", "000002.png", "000003.png"]
    assert [number(frame.pixels) for frame in Film(out).frames()] == [0, 1, 2]
    (out / "mine.txt").write_text("not to be lost")
    with pytest.raises(OutputError, match=r"holds 'mine.txt'"):
        written(out, Film(source))
    assert (out / "mine.txt").exists()
    assert sorted(os.listdir(tmp_path)) == ["out.frames", "source.mp4"]


def test_an_older_folder_is_back_where_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    source, out = write_clip(tmp_path / "source.mp4", FRAMES), tmp_path / "out.frames"
    out.mkdir()
    written(out, Film(source))
    move = Path.replace

    def stopped(path, target):
        if target == out and not path.name.endswith(".old"):
            raise KeyboardInterrupt
        return move(path, target)

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        written(out, Film(source, end=0.1))
    monkeypatch.undo()
    assert len(os.listdir(out)) == 12
    assert sorted(os.listdir(tmp_path)) == ["out.frames", "source.mp4"]


def test_frames_too_near_for_the_clock_are_left_out(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", FRAMES, Fraction(200)))
    (note,) = written(tmp_path / "out.gif", film)
    seen = [number(frame.pixels) for frame in Film(tmp_path / "out.gif").frames()]
    assert seen == sorted(set(seen))
    assert 3 <= len(seen) <= 4
    assert note == f"{12 - len(seen)} of 12 frames were left out: the clock of GIF is too coarse for so many."


@pytest.fixture(scope="module")
def with_sound(tmp_path_factory):
    """A folder of films with sound: a.mp4, a.mkv, a.ts."""
    folder = tmp_path_factory.mktemp("damaged")
    for ending in ("mp4", "mkv", "ts"):
        write_clip(folder / f"a.{ending}", FRAMES, sound="aac", options={})
    return folder


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ending=st.sampled_from(["mp4", "mkv", "ts"]),
    length=st.floats(0.3, 1) | st.just(1),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=20),
)
@example(ending="ts", length=1, changes=[(0.7844932623698057, 0)])  # a kind of sound that ffmpeg does not write
def test_damaged_sound_costs_no_film(with_sound, ending, length, changes):
    content = (with_sound / f"a.{ending}").read_bytes()
    content = bytearray(content[: round(len(content) * length)])
    for place, value in changes:
        content[int(place * len(content))] = value
    path = with_sound / f"damaged.{ending}"
    path.write_bytes(content)
    try:
        film = Film(path)
        times = [frame.time for frame in film.frames()]
    except ImpastoError:
        return
    if film.info.shape != (48, 64) or max(times) > 100:
        return
    written(with_sound / "out.mp4", film)
    assert Film(with_sound / "out.mp4").info.shape == (48, 64)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("o.mp4", None), ("o.mov", None), ("o.mkv", "ffv1"), ("o.webm", None), ("o.gif", None), ("o.webp", None)],
)
def test_the_last_frame_is_shown_as_long_as_it_was(tmp_path, name, codec):
    film = write_clip(tmp_path / "film.mkv", [drawn(index) for index in range(8)])
    with Film(film) as source, FilmWriter(tmp_path / name, source.info.shape, source, codec) as writer:
        *frames, last = source.frames()
        for frame in frames:
            writer.add(frame.pixels, frame.time, frame.duration)
        writer.add(last.pixels, last.time, 5 * last.duration)
    with Film(tmp_path / name) as written:
        assert [frame.duration for frame in written.frames()] == [Fraction(1, 25)] * 7 + [Fraction(1, 5)]


def test_the_last_picture_of_a_webp_stays_for_all_frames_that_are_like_it(tmp_path):
    film = Film(write_clip(tmp_path / "film.mkv", [FRAMES[0], *[FRAMES[8]] * 4], codec="ffv1", pixels="bgr0"))
    written(tmp_path / "o.webp", film)
    assert [frame.duration for frame in Film(tmp_path / "o.webp").frames()] == [Fraction(1, 25), Fraction(4, 25)]


def test_a_film_with_frames_decoded_out_of_order_ends_with_the_last_one(tmp_path):
    film = write_clip(tmp_path / "film.mkv", [drawn(index) for index in range(8)])
    with Film(film) as source, FilmWriter(tmp_path / "o.mp4", source.info.shape, source, "hevc") as writer:
        for frame in source.frames():
            writer.add(frame.pixels, frame.time, frame.duration * (5 if frame.time == Fraction(7, 25) else 1))
    with Film(tmp_path / "o.mp4") as written:
        assert written.info.duration == Fraction(12, 25)
        assert list(written.frames())[-1].duration == Fraction(5, 25)


@pytest.mark.parametrize(
    ("name", "codec"), [("o.mkv", "h264"), ("o.mkv", "hevc"), ("o.mp4", "h264"), ("o.mp4", "hevc")]
)
def test_an_uneven_film_ends_with_its_last_frame(tmp_path, name, codec):
    ticks = [*range(10), 40, 41]
    source = write_clip(tmp_path / "film.mkv", FRAMES, times=ticks, time_base=Fraction(1, 25))
    written(tmp_path / name, Film(source), codec)
    with Film(tmp_path / name) as film:
        assert film.info.duration == Fraction(42, 25)
        assert [(frame.time, frame.duration) for frame in film.frames()][-1] == (Fraction(41, 25), Fraction(1, 25))


@pytest.mark.parametrize(("name", "codec"), [("o.mp4", None), ("o.mp4", "hevc"), ("o.mov", None)])
def test_a_film_that_begins_late_is_no_longer_for_that(tmp_path, name, codec):
    film = write_clip(tmp_path / "film.mkv", [drawn(index) for index in range(8)])
    with Film(film) as source, FilmWriter(tmp_path / name, source.info.shape, source, codec) as writer:
        for frame in source.frames():
            writer.add(frame.pixels, frame.time + Fraction(1, 5), frame.duration)
    with av.open(str(tmp_path / name)) as container:
        (stream,) = container.streams.video
        assert stream.duration * stream.time_base == Fraction(8, 25)
        assert stream.average_rate == 25


def test_a_codec_of_even_sides_alone_is_told_to_make_the_film_larger(tmp_path):
    film = write_clip(tmp_path / "film.mkv", [drawn(0, 49, 65)] * 2, codec="ffv1", pixels="bgr0")
    for name, shape in (("o.mp4", (50, 66)), ("o.mkv", (50, 66)), ("o", (49, 65)), ("o.gif", (49, 65))):
        with Film(film) as source, FilmWriter(tmp_path / name, (49, 65), source) as writer:
            for frame in source.frames():
                writer.add(frame.pixels, frame.time, frame.duration)
            assert writer.shape == shape
        assert Film(tmp_path / name).info.shape == shape


def test_no_frame_of_a_gif_is_shorter_than_players_can_show(tmp_path):
    """60 frames a second: of what would last a hundredth of a second they make a tenth."""
    film = Film(write_clip(tmp_path / "a.mp4", [drawn(n) for n in range(30)], Fraction(60)))
    written(tmp_path / "out.gif", film)
    with Image.open(tmp_path / "out.gif") as gif:
        lasting = []
        for place in range(gif.n_frames):
            gif.seek(place)
            lasting.append(gif.info["duration"])
    assert min(lasting) >= 20
    assert sum(lasting) == pytest.approx(500, abs=10)
