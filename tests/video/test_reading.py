import os
import re
from contextlib import suppress
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from video.clips import NTSC, drawn, number, patches, stamps, write_clip

from impasto.errors import FilmError, ImpastoError, SettingsError
from impasto.images.resize import fit
from impasto.video.container import ContainerSource
from impasto.video.fingerprint import fingerprint
from impasto.video.reading import Film, looked_at

FRAMES = [drawn(index) for index in range(12)]


def numbers(film: Film) -> list[int]:
    return [number(frame.pixels) for frame in film.frames()]


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".avi", ".ts"])
def test_all_frames_come_in_order(tmp_path, ending):
    film = Film(write_clip(tmp_path / f"a{ending}", FRAMES))
    assert numbers(film) == list(range(12))
    assert film.info.shape == (48, 64)
    assert film.info.rate == 25
    assert not film.info.sound
    assert film.info.duration == pytest.approx(Fraction(12, 25), abs=1e-3)
    assert film.info.frames == 12
    assert film.notes == []


@pytest.mark.parametrize(("codec", "ending"), [("libvpx-vp9", ".webm"), ("mpeg4", ".avi"), ("mpeg2video", ".mpg")])
def test_other_codecs(tmp_path, codec, ending):
    film = Film(write_clip(tmp_path / f"a{ending}", FRAMES, codec=codec, options={"b": "2000000"}))
    assert numbers(film) == list(range(12))
    times = [frame.time for frame in film.frames()]
    assert np.diff(np.array(times, float)) == pytest.approx(1 / 25, abs=1e-3)


def test_times_are_exact(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", FRAMES, NTSC))
    assert [(frame.time, frame.duration) for frame in film.frames()] == [(n / NTSC, 1 / NTSC) for n in range(12)]
    assert film.info.rate == NTSC
    assert film.info.duration == 12 / NTSC


@pytest.mark.parametrize(("ending", "codec"), [("h264", "libx264"), ("m2v", "mpeg2video")])
def test_a_bare_stream_begins_at_0_and_runs_as_fast_as_its_codec_says(tmp_path, ending, codec):
    film = Film(write_clip(tmp_path / f"a.{ending}", FRAMES, Fraction(30), codec=codec, options={}))
    assert film.info.rate == 30
    assert [(number(frame.pixels), frame.time, frame.duration) for frame in film.frames()] == [
        (n, Fraction(n, 30), Fraction(1, 30)) for n in range(12)
    ]


def test_times_of_a_variable_rate_are_exact(tmp_path):
    ticks = [0, 7, 8, 20, 33, 34, 35, 90, 91, 100, 150, 151]
    film = Film(write_clip(tmp_path / "a.mp4", FRAMES, times=ticks, time_base=Fraction(1, 90)))
    frames = list(film.frames())
    assert [frame.time for frame in frames] == [Fraction(tick, 90) for tick in ticks]
    assert [frame.duration for frame in frames[:-1]] == [Fraction(b - a, 90) for a, b in pairwise(ticks)]
    assert all((frame.time / film.info.time_base).denominator == 1 for frame in frames)


def test_a_clock_that_does_not_begin_at_0_does_not_delay_the_film(tmp_path):
    path = write_clip(tmp_path / "a.ts", FRAMES, sound="aac", begins=5)
    assert stamps(path)[0] >= 5
    first = next(Film(path).frames())
    assert first.time < 0.1


@pytest.mark.parametrize("damaged", [0, 1])
def test_a_film_that_is_damaged_where_it_is_sought_in_is_read_from_its_beginning(tmp_path, monkeypatch, damaged: int):
    """As some are whose frames after a key frame lean on others before it."""
    source = ContainerSource(write_clip(tmp_path / "a.mp4", FRAMES, options={"g": "10", "crf": "20"}), None)
    start, sought, begun = Fraction(11, 25), source._moments, []

    def moments(where: Fraction):
        begun.append(where)
        for moment in sought(where):
            source.damaged = damaged if where else 0
            yield moment

    monkeypatch.setattr(source, "_moments", moments)
    first = next(source.moments(start))
    assert begun == [start, 0 if damaged else start]
    assert first.time == (0 if damaged else Fraction(10, 25))


def test_a_part_of_a_film_whose_packets_have_no_times_is_that_of_the_whole(tmp_path):
    path = write_clip(tmp_path / "a.mpg", [drawn(n % 40) for n in range(100)], codec="mpeg2video", sound="mp2")
    whole = [(frame.time, number(frame.pixels)) for frame in Film(path).frames()]
    for start in range(20, 40, 3):
        part = Film(path, start=Fraction(start, 10))
        seen = [(part.offset + frame.time, number(frame.pixels)) for frame in part.frames()]
        assert seen == [each for each in whole if each[0] >= Fraction(start, 10)]


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".ts"])
def test_start_and_end_are_exact(tmp_path, ending):
    frames = [drawn(index) for index in range(40)]
    path = write_clip(tmp_path / f"a{ending}", frames, options={"crf": "1", "g": "9"})
    film = Film(path, start=0.6, end=1.2)  # 15 to 29
    assert numbers(film) == list(range(15, 30))
    assert next(film.frames()).time == 0
    assert film.offset == pytest.approx(0.6)
    assert film.info.duration == pytest.approx(0.6)
    assert film.info.frames == 15
    assert numbers(Film(path, start=0.61)) == list(range(16, 40))
    assert numbers(Film(path, end=0.08)) == [0, 1]


def test_a_slide_that_is_on_at_the_start_is_shown_for_its_rest(tmp_path):
    slides = write_clip(tmp_path / "a.mp4", FRAMES[:3], times=[0, 50, 100], time_base=Fraction(1, 25))
    film = Film(slides, start=1)
    assert (film.offset, numbers(film)) == (1, [0, 1, 2])
    assert [frame.time for frame in film.frames()] == [0, 1, 3]
    between = Film(slides, start=Fraction(1, 7))
    assert (between.offset / between.info.time_base).denominator == 1, "all times are multiples of it"


def test_a_slide_that_is_on_at_the_end_is_cut_there(tmp_path):
    slides = write_clip(tmp_path / "a.mp4", FRAMES[:3], times=[0, 50, 100], time_base=Fraction(1, 25))
    film = Film(slides, start=1, end=3)
    assert [(frame.time, frame.duration) for frame in film.frames()] == [(0, 1), (1, 1)]
    assert film.info.duration == 2


def test_a_pass_may_begin_later(tmp_path):
    film = Film(write_clip(tmp_path / "a.mp4", FRAMES), start=0.08)
    assert [(number(frame.pixels), frame.time) for frame in map(looked_at, islice(film.moments(), 7, None))] == [
        (n, Fraction(n - 2, 25)) for n in range(9, 12)
    ]


def test_frames_are_repeated_or_left_out_for_another_rate(tmp_path):
    path = write_clip(tmp_path / "a.mp4", FRAMES)
    assert numbers(Film(path, fps=50)) == [n // 2 for n in range(24)]
    film = Film(path, fps=12.5)
    assert numbers(film) == list(range(0, 12, 2))
    assert [(frame.time, frame.duration) for frame in film.frames()] == [
        (n * Fraction(2, 25), Fraction(2, 25)) for n in range(6)
    ]
    assert (film.info.rate, film.info.frames, film.info.time_base) == (Fraction(25, 2), 6, Fraction(2, 25))
    assert numbers(Film(path, fps=50, start=0.2, end=0.28)) == [5, 5, 6, 6]


def test_a_variable_rate_becomes_an_even_one(tmp_path):
    path = write_clip(tmp_path / "a.mp4", FRAMES[:4], times=[0, 1, 5, 6], time_base=Fraction(1, 10))
    film = Film(path, fps=10)
    assert numbers(film)[:7] == [0, 1, 1, 1, 1, 2, 3]


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
def test_films_of_phones_stand_upright(tmp_path, rotation):
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[:24, :32] = 200  # bright at the top left
    film = Film(write_clip(tmp_path / "a.mp4", [frame] * 2, rotation=rotation))
    seen = next(film.frames()).pixels
    expected = np.rot90(frame, rotation // 90)  # counterclockwise, both
    assert film.info.shape == expected.shape[:2] == seen.shape[:2]
    assert np.abs(seen.astype(int) - expected).mean() < 3
    small = Film(film.path, size=partial(fit, longest=32))
    assert max(next(small.frames()).pixels.shape) == 32
    assert next(small.frames()).pixels.shape[:2] == tuple(side // 2 for side in expected.shape[:2])


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [Colorspace.ITU709, Colorspace.ITU601, Colorspace.BT2020])
def test_colors_are_right_in_every_matrix_and_range(tmp_path, matrix, full, pixels):
    path = write_clip(tmp_path / "a.mkv", [patches()] * 2, matrix=matrix, full=full, pixels=pixels)
    seen = next(Film(path).frames()).pixels
    middles = np.s_[24, 8::16]
    assert np.abs(seen[middles].astype(int) - patches()[middles]).max() <= 3


@pytest.mark.parametrize(("height", "matrix"), [(480, Colorspace.ITU601), (720, Colorspace.ITU709)])
def test_what_names_no_matrix_is_taken_as_players_take_it(tmp_path, height, matrix):
    path = write_clip(tmp_path / "a.mkv", [patches(height)], matrix=matrix, tagged=False)
    seen = next(Film(path).frames()).pixels
    assert np.abs(seen[24, 8::16].astype(int) - patches()[24, 8::16]).max() <= 3


def test_pixels_that_are_no_squares_are_made_so(tmp_path):
    wide = Film(write_clip(tmp_path / "a.mp4", FRAMES, aspect=Fraction(3, 2)))
    assert wide.info.shape == (48, 96) == next(wide.frames()).pixels.shape[:2]
    assert Film(write_clip(tmp_path / "b.mp4", FRAMES, aspect=Fraction(1, 2))).info.shape == (96, 64)


def test_hdr_is_told_and_its_white_is_white(tmp_path):
    tags = {"color_trc": 16, "color_primaries": 9}
    white = np.full((48, 64, 3), round(0.5807 * 255), np.uint8)  # 203 cd/m²: white as BT.2408 has it
    path = write_clip(
        tmp_path / "a.mkv", [white], pixels="yuv420p10le", matrix=Colorspace.BT2020,
        context=tags,
    )  # fmt: skip
    film = Film(path)
    assert any("HDR" in note for note in film.notes)
    assert next(film.frames()).pixels.min() > 235


def combed(count):
    """Frames with a bar that moves 4 pixels from field to field."""
    frames = []
    for index in range(count):
        frame = np.full((48, 64, 3), 40, np.uint8)
        for field in (0, 1):
            left = 4 * (2 * index + field)
            frame[field::2, left : left + 12] = 220
        frames.append(frame)
    return frames


def combs(frame):
    return np.abs(np.diff(frame[8:-8].astype(int), axis=0)).mean()


INTERLACED = {"flags": "+ildct+ilme", "b": "8000000", "top": "1"}


def test_interlaced_films_lose_their_combs(tmp_path):
    frames = combed(8)
    path = write_clip(tmp_path / "a.mpg", frames, codec="mpeg2video", options=INTERLACED)
    film = Film(path)
    assert any("interlaced" in note for note in film.notes)
    seen = [frame.pixels for frame in film.frames()]
    assert len(seen) == 8
    assert combs(seen[4]) < combs(frames[4]) / 4


def test_a_film_that_becomes_interlaced_loses_its_combs_from_there_on(tmp_path):
    """Of the title a decoder loses the last frame, where the rest is joined to it."""
    title = write_clip(tmp_path / "title.ts", FRAMES[:5], codec="mpeg2video", options={})
    rest = write_clip(tmp_path / "rest.ts", combed(8), codec="mpeg2video", options=INTERLACED, begins=5 / 25)
    (path := tmp_path / "a.ts").write_bytes(title.read_bytes() + rest.read_bytes())
    film = Film(path)
    assert not any("interlaced" in note for note in film.notes)
    seen = list(film.frames())
    assert any("interlaced" in note for note in film.notes)
    assert [number(frame.pixels) for frame in seen[:4]] == list(range(4))
    assert len(seen) == 12
    assert all(abs(gap - 1 / 25) < 1e-3 for gap in np.diff([float(frame.time) for frame in seen]))
    assert combs(seen[8].pixels) < combs(combed(8)[4]) / 4


@pytest.mark.parametrize("ending", [".avi", ".mov"])
def test_interlaced_films_keep_their_times(tmp_path, ending):
    frames = [drawn(index, 576, 720) for index in range(5)]
    film = Film(write_clip(tmp_path / f"a{ending}", frames, codec="dvvideo", options={}))
    seen = list(film.frames())
    assert any("interlaced" in note for note in film.notes)
    assert [number(frame.pixels) for frame in seen] == list(range(5))
    assert [(frame.time, frame.duration) for frame in seen] == [(Fraction(n, 25), Fraction(1, 25)) for n in range(5)]


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_moving_pictures(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    first, *rest = (Image.fromarray(frame) for frame in FRAMES[:5])
    more = {"lossless": True} if ending == "webp" else {}
    first.save(path, save_all=True, append_images=rest, duration=[40, 60, 40, 200, 40], loop=0, **more)
    film = Film(path)
    assert numbers(film) == list(range(5))
    assert [frame.time for frame in film.frames()] == [Fraction(n, 1000) for n in (0, 40, 100, 140, 340)]
    assert list(film.frames())[-1].duration == Fraction(40, 1000)
    if ending != "png":  # which does not tell before its end
        assert (film.info.duration, film.info.frames) == (Fraction(380, 1000), 5)


def test_what_is_transparent_lies_on_white(tmp_path):
    pictures = [Image.new("RGBA", (32, 24), (200, 0, 0, alpha)) for alpha in (0, 255)]
    for ending in ("png", "webp"):
        path = tmp_path / f"a.{ending}"
        pictures[0].save(path, save_all=True, append_images=pictures[1:], lossless=True)
        film = Film(path)
        seen = [frame.pixels[5, 5].tolist() for frame in film.frames()]
        assert seen == [[255, 255, 255], [200, 0, 0]]
        assert film.notes == ["the film has transparency, which is lost: every frame lies on white."]


def test_a_webp_is_read_up_to_its_damage(tmp_path):
    chance, path = np.random.default_rng(0), tmp_path / "a.webp"
    first, *rest = (Image.fromarray(chance.integers(0, 256, (48, 64, 3), np.uint8)) for _ in range(5))
    first.save(path, save_all=True, append_images=rest, duration=40, lossless=True)
    content = bytearray(path.read_bytes())
    place = [found.start() for found in re.finditer(b"VP8L", content)][3]
    content[place + 16 : place + 200] = bytes(184)
    path.write_bytes(content)
    film = Film(path)
    assert len(list(film.frames())) == 3
    assert (film.info.frames, film.info.duration) == (3, Fraction(3, 25))
    (note,) = film.notes
    assert "breaks off before its end" in note


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_what_is_transparent_in_a_webm_lies_on_white(tmp_path, codec):
    pictures = np.zeros((3, 48, 64, 4), np.uint8)
    pictures[:, :, :, 0], pictures[:, 24:, :, 3] = 200, 255  # red, and clear above
    with av.open(str(tmp_path / "a.webm"), "w") as output:
        stream = output.add_stream(codec, rate=25, width=64, height=48, options={"auto-alt-ref": "0"})
        stream.pix_fmt, stream.metadata["alpha_mode"] = "yuva420p", "1"
        for picture in pictures:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgba").reformat(format="yuva420p")))
        output.mux(stream.encode())
    film = Film(tmp_path / "a.webm")
    seen = [frame.pixels for frame in film.frames()]
    assert len(seen) == 3
    for frame in seen:
        assert frame[:20].min() > 245
        assert np.abs(frame[28:].astype(int) - [200, 0, 0]).max() < 10
    assert any("transparency, which is lost" in note for note in film.notes)


def save_pictures(folder, names, shapes=((48, 64),) * 40):
    folder.mkdir()
    for index, (name, shape) in enumerate(zip(names, shapes, strict=False)):
        Image.fromarray(drawn(index, *shape)).save(folder / name)
    return folder


def test_a_folder_is_a_film_in_the_order_of_its_names(tmp_path):
    folder = save_pictures(tmp_path / "frames", [f"shot 2 - {n}.png" for n in range(12)])
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"")
    film = Film(folder)
    assert numbers(film) == list(range(12))  # 9, 10, 11: not 1, 10, 11, 2
    assert [frame.time for frame in film.frames()] == [Fraction(n, 25) for n in range(12)]
    assert (film.info.frames, film.info.duration) == (12, Fraction(12, 25))
    slow = Film(folder, fps=10, start=0.5)
    assert numbers(slow) == list(range(5, 12))
    assert slow.info.rate == 10


def test_a_pattern_names_frames(tmp_path):
    folder = save_pictures(tmp_path / "frames", [f"{kind}{n}.png" for n in range(4) for kind in "ab"])
    assert numbers(Film(folder / "b*.png")) == [1, 3, 5, 7]


def test_a_picture_of_another_size_is_made_the_same_and_told(tmp_path):
    folder = save_pictures(tmp_path / "frames", ["1.png", "2.png", "3.png"], [(48, 64), (48, 64), (96, 100)])
    film = Film(folder)
    assert [frame.pixels.shape for frame in film.frames()] == [(48, 64, 3)] * 3
    assert [note for note in film.notes if "3.png" in note]


def cut(path):
    """Leaves a picture whose size can be read, and not much else."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("bad", "seen"),
    [
        ([2], [0, 1, 1, 3, 4, 5]),
        ([2, 3, 5], [0, 1, 1, 1, 4, 4]),
        ([0, 1], [2, 2, 2, 3, 4, 5]),
        ([0, 1, 3, 4], [2, 2, 2, 2, 2, 5]),
    ],
)
def test_a_damaged_picture_is_skipped_and_the_film_stays_as_long(tmp_path, bad, seen):
    folder = save_pictures(tmp_path / "frames", [f"{n}.png" for n in range(6)])
    for n in bad:
        cut(folder / f"{n}.png")
    film = Film(folder)
    assert (film.info.frames, film.info.duration) == (6, Fraction(6, 25))
    for _ in range(2):
        assert numbers(film) == seen
        assert [(frame.time, frame.duration) for frame in film.frames()] == [
            (Fraction(n, 25), Fraction(1, 25)) for n in range(6)
        ]
    (note,) = film.notes
    assert note.startswith("1 picture was skipped" if len(bad) == 1 else f"{len(bad)} pictures were skipped")
    assert f"{bad[0]}.png': it is damaged or cut short" in note
    assert "\n" not in note


def test_what_is_shown_for_a_damaged_picture_is_the_same_wherever_a_pass_begins(tmp_path):
    folder = save_pictures(tmp_path / "frames", [f"{n}.png" for n in range(6)])
    for n in (0, 3):
        cut(folder / f"{n}.png")
    part = Film(folder, start=0.12)
    assert numbers(part) == [2, 4, 5]
    assert part.notes[0].startswith("1 picture was skipped"), "that of another part is nobody's concern"
    assert numbers(Film(folder, end=0.04)) == [1]
    assert [number(frame.pixels) for frame in map(looked_at, islice(Film(folder).moments(), 3, None))] == [2, 4, 5]
    assert Film(folder, start=0.16).notes == []


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ["f.97", "f.98", "f.99", "f.100", "f.103", "f.104"],
            "2 pictures are missing .* between f.100.png",
        ),
        (["0", "2", "4", "8", "10", "12"], "1 picture is missing by their numbers, between 4.png and 8.png"),
        (
            [f"{n:03}" for n in range(20) if n not in (5, 11, 12)],
            "3 pictures .* between 004.png .* the first in 2",
        ),
        (["0", "2", "4", "6"], None),
        (["7"], None),
        (["a", "b", "c"], None),
        (["IMG_12", "IMG_17", "IMG_40", "IMG_41", "IMG_99"], None),
    ],
)
def test_gaps_in_a_numbered_sequence_are_told(tmp_path, names, told):
    film = Film(save_pictures(tmp_path / "frames", [f"{name}.png" for name in names]))
    assert len(list(film.frames())) == len(names)
    if told is None:
        assert film.notes == []
    else:
        (note,) = film.notes
        assert re.match(told, note)


def test_transparency_that_is_lost_is_told(tmp_path):
    folder = save_pictures(tmp_path / "frames", ["0.png", "1.png"])
    clear = Image.new("RGBA", Image.open(folder / "1.png").size, (0, 0, 0, 0))
    clear.save(folder / "1.png")
    film = Film(folder)
    *_, last = film.frames()
    assert last.pixels.min() == 255
    (note,) = film.notes
    assert "transparency, which is lost" in note
    for value in (255, 0):
        solid = np.full((1, 48, 64, 4), value, np.uint8)
        with av.open(str(tmp_path / "clip.mov"), "w") as output:
            stream = output.add_stream("qtrle", rate=25, width=64, height=48)
            stream.pix_fmt = "argb"
            for picture in solid:
                output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgba").reformat(format="argb")))
            output.mux(stream.encode())
        clip = Film(tmp_path / "clip.mov")
        list(clip.frames())
        assert any("transparency, which is lost" in note for note in clip.notes) == (value == 0)


def test_pictures_are_only_read_when_they_are_asked_for(tmp_path, monkeypatch):
    folder = save_pictures(tmp_path / "frames", [f"{n}.png" for n in range(6)])
    cut(folder / "2.png")
    film = Film(folder)
    read = []
    monkeypatch.setattr("impasto.video.folder.read", lambda file, *rest: read.append(file.name))
    list(film.moments())
    assert read == []
    assert film.notes == []


def test_whatever_cannot_be_read_as_a_picture_is_skipped(tmp_path):
    folder = save_pictures(tmp_path / "frames", [f"{n}.png" for n in range(6)])
    (folder / "1.png").write_bytes(b"")
    (folder / "2.png").write_text("no picture, whatever its name")
    (folder / "3.png").unlink()
    (folder / "3.png").mkdir()
    (folder / "4.png").unlink()
    (folder / "4.png").symlink_to("gone.png")
    film = Film(folder)
    assert numbers(film) == [0, 0, 0, 0, 0, 5]
    assert "4 pictures were skipped" in film.notes[0]
    assert "1.png': the file is empty" in film.notes[0]
    known = fingerprint(film)
    Image.fromarray(drawn(4)).save(folder / "gone.png")
    assert fingerprint(Film(folder / "?.png")) != known, "it is another film when a picture is there again"


def test_a_folder_in_which_no_picture_can_be_read_is_refused_in_one_line(tmp_path):
    folder = save_pictures(tmp_path / "frames", [f"{n}.png" for n in range(3)])
    for path in folder.iterdir():
        cut(path)
    with pytest.raises(FilmError, match=r"no picture of it can be read; the first: .*0\.png.*Get or export") as caught:
        Film(folder)
    assert "\n" not in str(caught.value)


def test_a_change_of_size_inside_is_made_even_and_told(tmp_path):
    small = write_clip(tmp_path / "small.ts", FRAMES[:6])
    large = write_clip(tmp_path / "large.ts", [drawn(index, 96, 128) for index in range(6, 12)], begins=0.5)
    path = tmp_path / "a.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    film = Film(path)
    assert {frame.pixels.shape for frame in film.frames()} == {(48, 64, 3)}
    assert numbers(film) == list(range(12))
    assert any("changes its size" in note for note in film.notes)


def bad_films(tmp_path):
    clip = write_clip(tmp_path / "good.mp4", FRAMES, sound="aac")
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("no film at all " * 100)
    (tmp_path / "text.txt").write_text("no film at all " * 100)
    (tmp_path / "half.mp4").write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    (tmp_path / "none").mkdir()
    Image.fromarray(drawn(0)).save(tmp_path / "photo.jpg")
    with_sound_only(tmp_path / "song.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    return {
        tmp_path / "missing.mp4": "there is no such file",
        tmp_path / "empty.mp4": "is empty",
        tmp_path / "text.mp4": "no film",
        tmp_path / "text.txt": "no film",
        tmp_path / "half.mp4": "no film, or a damaged one",
        tmp_path / "none": "this folder holds no",
        tmp_path / "none" / "*.png": "this pattern fits no",
        tmp_path / "photo.jpg": "is no film but a text or a picture",
        tmp_path / "song.mp4": "no pictures that move",
        tmp_path / "pipe.mp4": "no regular file",
        "a\0b.mp4": "cannot be opened|no such file",
        "https://example.org/film.mp4": "there is no such file",
    }


def with_sound_only(path):

    source = write_clip(path.with_suffix(".mkv"), FRAMES, sound="aac")
    with av.open(str(source)) as film, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(film.streams.audio[0])
        for packet in film.demux(audio=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)


def test_bad_films_are_told_in_one_line(tmp_path, capfd):
    for path, reason in bad_films(tmp_path).items():
        with pytest.raises(FilmError, match=reason) as caught:
            Film(path)
        assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_impossible_times_are_told(tmp_path):
    path = write_clip(tmp_path / "a.mp4", FRAMES)
    with pytest.raises(FilmError, match=r"no frame between the start and the end asked for. It is 0.48 s long"):
        Film(path, start=3)
    for wrong in ({"start": -1}, {"start": 2, "end": 2}, {"fps": 0}, {"fps": float("nan")}, {"start": float("inf")}):
        with pytest.raises(SettingsError):
            Film(path, **wrong)


def test_a_hole_in_the_middle_is_told_and_the_rest_comes(tmp_path):
    frames = [drawn(index) + np.random.default_rng(index).integers(0, 30, (48, 64, 3), np.uint8) for index in range(30)]
    path = write_clip(tmp_path / "a.ts", frames, options={"crf": "1", "g": "5"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(data)
    film = Film(path)
    seen = list(film.frames())
    assert 15 < len(seen) <= 30
    assert any("damaged" in note for note in film.notes)
    assert all(a.time < b.time for a, b in pairwise(seen))


KINDS = {
    ".mp4": "libx264", ".mkv": "libx264", ".webm": "libvpx-vp9", ".ts": "libx264", ".avi": "mpeg4", ".gif": None,
    ".webp": None, ".png": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """A folder of good films, `a` with all endings of `KINDS`."""
    folder = tmp_path_factory.mktemp("damaged")
    frames = [drawn(index) + np.random.default_rng(index).integers(0, 30, (48, 64, 3), np.uint8) for index in range(6)]
    for ending, codec in KINDS.items():
        if codec:
            write_clip(folder / f"a{ending}", frames, codec=codec, options={})
        else:
            first, *rest = (Image.fromarray(frame) for frame in frames)
            first.save(folder / f"a{ending}", save_all=True, append_images=rest)
    return folder


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ending=st.sampled_from(list(KINDS)),
    length=st.floats(0, 1) | st.just(1),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=20),
)
def test_no_damage_gives_anything_but_frames_or_one_line(damaged, ending, length, changes):
    content = (damaged / f"a{ending}").read_bytes()
    content = bytearray(content[: round(len(content) * length)])
    for place, value in changes:
        if content:
            content[int(place * len(content))] = value
    path = damaged / f"damaged{ending}"
    path.write_bytes(content)
    with suppress(ImpastoError), Film(path, size=lambda height, width: (24, 32)) as film:
        for count, frame in enumerate(film.frames()):
            assert frame.pixels.shape == (24, 32, 3)
            if count > 50:
                break


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_every_frame_is_read_where_the_sound_is_the_first_stream(tmp_path, ending):
    """What makes a decoder give out its last frames says of itself that it is for the first stream."""
    plain, turned = tmp_path / "plain.mp4", tmp_path / f"turned{ending}"
    write_clip(plain, [drawn(index) for index in range(30)], sound="aac")
    with av.open(plain) as source, av.open(turned, "w") as output:
        streams = {
            stream.index: output.add_stream_from_template(stream)
            for stream in (*source.streams.audio, *source.streams.video)
        }
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                output.mux(packet)
    with Film(turned) as film:
        assert [number(frame.pixels) for frame in film.frames()] == [*range(30)]
        assert film.notes == []
