"""What a film would be if each frame had been painted by itself."""

from pathlib import Path

import numpy as np
import pytest
from methods.films import pan
from PIL import Image
from video.clips import write_clip

from impasto.errors import ImageError, SettingsError
from impasto.jobs.film_job import FilmJob
from impasto.jobs.frame_by_frame import kept_by, paint_frame_by_frame
from impasto.jobs.paint_film import paint_film
from impasto.motion import Frame
from impasto.settings import FilmSettings
from impasto.video.reading import Film
from impasto.video.writing import FilmWriter


@pytest.fixture
def clip(photo, tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", pan(photo, 8, width=64, height=48))


def painted(clip: Path, name: str, *styles: str, **settings) -> Path:
    chosen = FilmSettings.checked(settings)
    job = FilmJob(
        film=clip, styles=tuple(map(Path, styles or ("scream",))), output=clip.with_name(name), settings=chosen
    )
    return paint_film(job).output


def frames(path: Path) -> list[Frame]:
    with Film(path) as film:
        return [frame.pixels for frame in film.frames()]


def by_itself(clip: Path, *results: Path, start: str = "", end: str = "") -> list[Frame]:
    output, told = clip.with_name("by-itself"), []
    paint_frame_by_frame(kept_by(results, start, end), results, clip, output, told.append)
    assert [each.done for each in told] == list(range(1, len(told) + 1))
    return frames(output)


def same(some: list[Frame], others: list[Frame]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(some, others, strict=True))


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv", "out.webm", "out"])
def test_each_frame_is_painted_with_what_the_film_keeps(clip: Path, name: str) -> None:
    settings = {"strength": 0.5, "size": 48, "style_at": ("0:00.2=udnie",), "style_weights": "1,2"}
    result = painted(clip, name, "scream", "kiss", **settings)
    wanted = painted(clip, "wanted", "scream", "kiss", **settings, steadiness=0)
    assert same(by_itself(clip, result), frames(wanted))


def test_each_frame_is_that_of_a_film_of_it_alone(clip: Path) -> None:
    found = by_itself(clip, painted(clip, "out.mkv"))
    for number in (0, 3, 7):
        folder = clip.with_name(f"frame{number}")
        folder.mkdir()
        Image.fromarray(frames(clip)[number]).save(folder / "1.png")
        assert same([found[number]], frames(painted(folder, f"alone{number}")))


def test_the_part_and_the_rate_are_those_of_the_film(clip: Path) -> None:
    result = painted(clip, "out.mkv", start="0.08", end="0.24", fps=12.5)
    assert len(by_itself(clip, result)) == len(frames(result)) == 2
    assert kept_by([result], "0:00.08", "0.24").settings.part == (0.08, 0.24)
    assert kept_by([result], fps=12.5).settings.fps == 12.5
    with pytest.raises(SettingsError, match=r"was painted at 12\.5 frames a second.*Leave it out"):
        kept_by([result], fps=10)
    for start, end in (("", "0.24"), ("0.08", ""), ("0.04", "0.24")):
        with pytest.raises(
            SettingsError, match=r"was painted from 0\.08 to 0\.24 of the film.*Give these times, or none"
        ):
            kept_by([result], start, end)


def test_the_first_result_that_keeps_anything_counts(clip: Path, tmp_path: Path) -> None:
    one, other = painted(clip, "one.mkv", strength=0.3), painted(clip, "other.mkv", strength=0.6)
    (folder := tmp_path / "folder").mkdir()
    for number in range(8):
        Image.new("RGB", (64, 48)).save(folder / f"{number}.png")
    assert kept_by([clip, folder, folder / "*.png", one, other]).settings.strength == 0.3
    assert kept_by([other, one]).result == other


def test_where_nothing_is_kept_it_is_told(clip: Path) -> None:
    with pytest.raises(SettingsError, match=r"no RESULT keeps how it was painted\. Name one") as caught:
        kept_by([clip, painted(clip, "out.gif")])
    assert "\n" not in str(caught.value)
    with pytest.raises(ImageError, match="there is no such file"):
        kept_by([clip.with_name("none.mp4")])


@pytest.mark.parametrize("record", ["[]", "words", '{"styles": []}', '{"styles": [1]}', '{"styles": "scream"}', "{}"])
def test_what_another_version_may_have_kept_is_no_fault(clip: Path, record: str) -> None:
    with (
        Film(clip) as film,
        FilmWriter(path := clip.with_name("a.mkv"), film.info.shape, film, record=record) as writer,
    ):
        for frame in film.frames():
            writer.add(frame.pixels, frame.time, frame.duration)
    with pytest.raises(SettingsError, match="no RESULT keeps"):
        kept_by([path])


def test_a_setting_that_is_none_any_more_is_told_with_the_film_that_keeps_it(clip: Path) -> None:
    record = '{"styles": ["scream"], "strength": 7, "of_another_version": 1}'
    with (
        Film(clip) as film,
        FilmWriter(path := clip.with_name("a.mkv"), film.info.shape, film, record=record) as writer,
    ):
        for frame in film.frames():
            writer.add(frame.pixels, frame.time, frame.duration)
    with pytest.raises(SettingsError, match=r"strength: .* It is kept in .*a\.mkv"):
        kept_by([path])


def test_a_style_that_is_gone_is_told(clip: Path, styles) -> None:
    for name in ("mosaic.png", "later.png"):
        styles["mosaic"].save(clip.with_name(name))
    gone, later = clip.with_name("mosaic.png"), clip.with_name("later.png")
    result = painted(clip, "out.mkv", str(gone), style_at=(f"0:00.2={later}",))
    assert kept_by([result]).styles == (gone,)
    for style in (later, gone):
        style.unlink()
        with pytest.raises(
            SettingsError, match=rf"the style '{style}', with which .*out\.mkv' was painted, is not there"
        ):
            kept_by([result])


def test_films_of_other_frames_are_refused_before_anything_is_painted(clip: Path) -> None:
    result, part = painted(clip, "out.mkv"), painted(clip, "part.mkv", end="0.2")
    output = clip.with_name("by-itself")
    with pytest.raises(
        ImageError, match=r"part\.mkv' has 5 frames, and .*clip\.mp4', as .*out\.mkv' was painted of it, 8"
    ):
        paint_frame_by_frame(kept_by([result]), [result, part], clip, output, pytest.fail)
    assert not output.exists()


def test_ctrl_c_is_handed_on(clip: Path) -> None:
    def press(told) -> None:
        raise KeyboardInterrupt

    result = painted(clip, "out.mkv")
    with pytest.raises(KeyboardInterrupt):
        paint_frame_by_frame(kept_by([result]), [result], clip, clip.with_name("by-itself"), press)


def test_a_search_begins_anew_in_each_frame(clip: Path, styles) -> None:
    styles["mosaic"].save(style := clip.with_name("mosaic.png"))
    settings = {"preset": "draft", "iterations": 4, "size": 32, "end": "0.1"}
    found = by_itself(clip, painted(clip, "out.mkv", str(style), **settings))
    assert same(found, frames(painted(clip, "wanted", str(style), **settings, steadiness=0)))
