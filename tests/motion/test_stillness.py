import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import correlate

from impasto.motion import Stillness
from impasto.motion.stillness import unchanged

from .scenes import scene

SHAPE = (60, 80)
rng = np.random.default_rng(0)


def noisy(frame, levels):
    return (frame + rng.integers(-levels, levels + 1, frame.shape)).clip(0, 255).astype(np.uint8)


def test_the_first_frame_has_nothing_to_equal():
    assert not Stillness()(scene(*SHAPE)).any()


def test_a_still_scene_stands_still_everywhere_in_spite_of_noise():
    told, frame = Stillness(), scene(*SHAPE)
    told(frame)
    for _ in range(20):
        assert told(noisy(frame, 1)).all()
    assert np.array_equal(told.reference, frame)


def test_what_moves_is_told_and_what_does_not_is_not():
    told, ground = Stillness(), scene(*SHAPE)
    later = ground.copy()
    later[20:40, 30:50] = 255 - later[20:40, 30:50]
    told(ground)
    still = told(later)[0, 0]
    assert still[:18].all()
    assert still[42:].all()
    assert still[:, :28].all()
    assert still[22:38, 32:48].mean() < 0.1  # but where the inverse is the same gray
    assert told(later).all()


def test_a_single_pixel_of_a_place_that_is_quiet():
    told, ground = Stillness(), np.full((*SHAPE, 3), 100, np.uint8)
    told(ground)
    later = ground.copy()
    later[10, 10, 1] = 109
    later[30, 30, 2] = 110
    still = told(later)[0, 0]
    assert still[10, 10] == 1
    assert (still == 0).nonzero().tolist() == [[30, 30]]


def test_what_fades_slowly_does_not_stay_behind():
    """One level with each frame: less than noise, and never more than three levels behind."""
    told = Stillness()
    for level in range(100, 160):
        frame = np.full((*SHAPE, 3), level, np.uint8)
        told(frame)
        assert told.reference is not None
        assert np.abs(told.reference.astype(int) - level).max() <= 3


def test_it_goes_on_from_its_reference():
    frames = [noisy(scene(*SHAPE, lambda x, y, at=at: (x + 0.05 * at, y)), 1) for at in range(8)]
    whole, first = Stillness(), Stillness()
    for frame in frames[:4]:
        whole(frame)
        first(frame)
    second = Stillness(first.reference)
    for frame in frames[4:]:
        assert torch.equal(whole(frame), second(frame))


def test_another_size_begins_anew():
    told = Stillness()
    told(scene(*SHAPE))
    assert told(scene(30, 40)).shape == (1, 1, 30, 40)
    assert told(scene(30, 40)).all()


@given(height=st.integers(1, 9), width=st.integers(1, 9), seed=st.integers(0, 99))
def test_a_place_is_still_where_scipy_says_so(height, width, seed):
    first, second = np.random.default_rng(seed).integers(100, 106, (2, height, width, 3), dtype=np.uint8)
    change = np.abs(first.astype(int) - second).max(2)
    expected = (correlate(change, np.ones((5, 5), int), mode="nearest") <= 75) & (change <= 9)
    assert np.array_equal(unchanged(first, second)[0, 0].numpy(), expected)
