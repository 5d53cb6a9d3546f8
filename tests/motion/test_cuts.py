from itertools import chain

import numpy as np
import pytest

from impasto.motion import Cuts
from impasto.motion.cuts import _changed, _glance

from .scenes import scene

SHAPE = (90, 160)
rng = np.random.default_rng(0)


def shot(count, seed=0, pan=0.0, zoom=1.0):
    """Frames that pan by so many pixels each, and zoom by so much."""
    return [scene(*SHAPE, lambda x, y, at=at: (x * zoom**at + pan * at, y * zoom**at), seed) for at in range(count)]


def lit(frame, gain, offset=0.0):
    return (frame.astype(float) * gain + offset).clip(0, 255).astype(np.uint8)


def cuts(*shots):
    told = Cuts()
    return [number for number, frame in enumerate(chain(*shots)) if told(frame)]


def test_every_shot_but_the_first_begins_with_a_cut():
    assert cuts(shot(5), shot(4, 1), shot(1, 2), shot(3, 3)) == [5, 9, 10]


def test_a_shot_of_the_same_colors_elsewhere_is_another_one():
    """The scene upside down has the same colors, and nothing in the same place."""
    assert cuts(shot(4), [frame[::-1] for frame in shot(3)]) == [4]


def test_a_caption_that_stays_does_not_hide_a_cut():
    """An eighth of the picture is found again, which is enough only where the colors are the old ones as well."""
    caption = scene(*SHAPE, seed=9)[:12]
    frames = shot(4) + shot(3, 1)
    for frame in frames:
        frame[-12:] = caption
    assert cuts(frames) == [4]


def test_colors_are_those_of_the_scene_and_not_of_the_light():
    frame = scene(*SHAPE)
    assert _changed(_glance(lit(frame, 0.5)), _glance(frame)) < 0.1
    assert _changed(_glance(255 - frame), _glance(frame)) > 0.3


@pytest.mark.parametrize("motion", [{"pan": 3}, {"pan": 12}, {"pan": 25}, {"zoom": 1.06}, {"zoom": 0.93, "pan": 5}])
def test_a_camera_that_moves_is_no_cut(motion):
    assert cuts(shot(8, **motion)) == []


@pytest.mark.parametrize("flash", [(1, 80), (1, 200), (3, 0), (0, 255), (0, 0), (0.1, 0)])
@pytest.mark.parametrize("length", [1, 2])
def test_a_flash_is_no_cut(flash, length):
    frames = shot(10, pan=1)
    frames[4 : 4 + length] = [lit(frame, *flash) for frame in frames[4 : 4 + length]]
    assert cuts(frames) == []


@pytest.mark.parametrize("strength", [10, 40])
def test_noise_is_no_cut_and_hides_none(strength):
    frames = [(frame + rng.normal(0, strength, frame.shape)).clip(0, 255).astype(np.uint8) for frame in shot(6)]
    assert cuts(frames, shot(2, 1)) == [6]


def fades(frames, down):
    steps = np.linspace(0, 1, len(frames))
    return [lit(frame, 1 - step if down else step) for frame, step in zip(frames, steps, strict=True)]


def test_a_fade_is_one_cut_where_the_new_scene_can_be_told():
    (cut,) = cuts(fades(shot(10), down=True), fades(shot(10, 1), down=False))
    assert 10 < cut <= 14


def test_a_fade_to_black_and_back_is_none():
    assert cuts(fades(shot(10), down=True), fades(shot(10), down=False)) == []


def test_a_film_that_begins_black_begins_with_its_first_scene():
    black = [np.zeros((*SHAPE, 3), np.uint8)] * 3
    assert cuts(black, shot(3)) == [3]
    assert cuts(black, black) == []


def test_a_change_of_size_is_a_cut():
    assert cuts(shot(2), [scene(90, 100)] * 2) == [2]


def test_an_object_that_moves_through_the_picture_is_no_cut():
    frames = shot(12)
    for at, frame in enumerate(frames):
        frame[20:70, 12 * at : 12 * at + 50] = scene(50, 50, seed=5)[:, : max(0, 160 - 12 * at)]
    assert cuts(frames) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (300, 2), (16, 16)])
def test_frames_of_any_shape(shape):
    told = Cuts()
    for seed in range(4):
        assert told(np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8)) in (True, False)


def test_frames_are_not_changed_and_may_be_read_only():
    frame = scene(*SHAPE)[:, ::-1]
    frame.flags.writeable = False
    before = frame.copy()
    assert not Cuts()(frame)
    assert np.array_equal(frame, before)
