import sys
from fractions import Fraction
from importlib import import_module

import av
import numpy as np
import pytest
from motion.scenes import scene
from PIL import Image

from impasto.errors import FilmError, ImageError, MissingExtraError, SettingsError
from impasto.jobs.compare_films import compare_films, frames_of

SHAPE = (64, 96)
FRAMES = [scene(*SHAPE, lambda x, y, at=at: (x + 2 * at, y)) for at in range(4)]


def folder(path, frames=FRAMES):
    path.mkdir()
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(path / f"frame-{number:04d}.png")
    return path


def film(path, frames=FRAMES):
    """Without loss."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=Fraction(24))
        stream.height, stream.width, stream.pix_fmt = *SHAPE, "bgr0"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_film_of_a_part_is_compared_with_that_part(tmp_path):
    whole, part = film(tmp_path / "whole.mkv"), film(tmp_path / "part.mkv", FRAMES[1:3])
    found = compare_films([part], whole, start="0.04", end="0.12")
    assert found[str(part)] == found["input film"]
    with pytest.raises(ImageError, match="ends after 2 frames"):
        compare_films([part], whole)
    with pytest.raises(SettingsError, match="start: write seconds"):
        compare_films([part], whole, start="soon")


@pytest.mark.parametrize("make", [folder, film])
def test_frames_come_one_after_the_other(make, tmp_path):
    got = list(frames_of(make(tmp_path / "film.mkv")))
    assert len(got) == 4
    assert all(np.array_equal(*pair) for pair in zip(got, FRAMES, strict=True))
    assert {frame.dtype for frame in got} == {np.dtype(np.uint8)}


def test_a_film_and_its_frames_are_as_steady(tmp_path):
    told = compare_films([film(tmp_path / "a.mkv")], folder(tmp_path / "frames"))
    assert list(told) == [str(tmp_path / "a.mkv"), "input film"]
    assert told[str(tmp_path / "a.mkv")] == told["input film"]


def test_other_files_of_a_folder_are_no_frames(tmp_path):
    path = folder(tmp_path / "frames")
    (path / "motion.json").write_text("{}")
    (path / "mask").mkdir()
    assert len(list(frames_of(path))) == 4


def test_what_is_no_film_is_told_in_one_line(tmp_path):
    (tmp_path / "words.mp4").write_text("words " * 100)
    (tmp_path / "empty").mkdir()
    for name, told in (("words.mp4", "no film"), ("empty", "empty"), ("none.mp4", "no such file")):
        with pytest.raises(FilmError, match=told) as caught:
            list(frames_of(tmp_path / name))
        assert "\n" not in str(caught.value)


def test_what_is_missing_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.delitem(sys.modules, "impasto.video.ffmpeg")
    with pytest.raises(MissingExtraError, match=r"a film needs .*pip install"):
        import_module("impasto.video.ffmpeg")


def true_flows(path, names, across):
    """Files of one flow each, by so many pixels across."""
    import cv2

    path.mkdir()
    for name, pixels in zip(names, across, strict=True):
        cv2.writeOpticalFlow(str(path / name), np.full((*SHAPE, 2), (pixels, 0), np.float32))
    return path


def test_true_flows_are_taken_where_they_are_known(tmp_path):
    """Every frame shows what the one before it does two pixels further right."""
    clip, painted = folder(tmp_path / "clip"), folder(tmp_path / "painted", [255 - frame for frame in FRAMES])
    found = compare_films([painted], clip)[str(painted)].short
    flows = [tmp_path / name for name in ("onward", "in_order", "back", "wrong")]
    true_flows(flows[0], [f"flow-{n:04}-to-{n + 1:04}.flo" for n in range(3)], [-2] * 3)
    true_flows(flows[1], ["f9.flo", "f10.flo", "f11.flo"], [-2] * 3)
    true_flows(flows[2], [f"{n + 1}_to_{n}.flo" for n in range(3)], [2] * 3)
    true_flows(flows[3], ["some-0-to-1.flo"], [-2.5])
    onward, in_order, back, wrong = (compare_films([painted], clip, flows=each)[str(painted)].short for each in flows)
    assert onward == in_order
    assert max(onward, back) < 1e-3
    assert found < wrong, "half a pixel off, one pair of three counts with a larger error"


def test_true_flows_may_have_another_size_and_places_that_are_not_known(tmp_path):
    import cv2

    clip = folder(tmp_path / "clip", FRAMES[:2])
    (tmp_path / "flow").mkdir()
    values = np.full((2 * SHAPE[0], 2 * SHAPE[1], 2), (-4, 0), np.float32)
    values[40:60, 40:60] = 1.7e9  # as the format writes what nobody knows
    cv2.writeOpticalFlow(str(tmp_path / "flow" / "0-to-1.flo"), values)
    assert compare_films([], clip, flows=tmp_path / "flow")["input film"].short < 1e-3


def test_a_folder_without_flows_is_told(tmp_path):
    with pytest.raises(ImageError, match="there is no"):
        compare_films([], folder(tmp_path / "clip"), flows=tmp_path)
