from math import sqrt

import numpy as np
import pytest
import torch
from motion.scenes import scene

from impasto.errors import ImageError
from impasto.evaluation import steadiness
from impasto.evaluation.steadiness import INPUT, LONG

rng = np.random.default_rng(0)


def smooth(height, width, seed=0):
    """A picture in which neighbors are near, (height, width, 3) in [0, 1]."""
    coarse = torch.rand(1, 3, height // 12, width // 12, generator=torch.Generator().manual_seed(seed))
    picture = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 1)
    return picture[0].permute(1, 2, 0).numpy()


def frames(pictures):
    return [(picture * 255).round().astype(np.uint8) for picture in pictures]


def pan(count, step=2, seed=0):
    """A window of 96 x 120 that moves to the right by whole pixels over a larger picture."""
    large = smooth(96, 120 + step * count + 12, seed)
    return frames(large[:96, step * at : step * at + 120] for at in range(count))


def panned(step=2):
    """The true flow: things move to the left."""
    return lambda start, end: torch.tensor([-step * (end - start), 0.0]).view(1, 2, 1, 1).expand(1, 2, 96, 120)


def still(count, picture=None):
    return frames([smooth(96, 120) if picture is None else picture] * count)


def test_a_film_that_moves_with_its_content_has_no_error():
    """Another picture, moved by the same window: by the true flow what is left is the rounding of warping."""
    told = steadiness(pan(14), {"out": pan(14, seed=1)}, panned())
    assert list(told) == ["out", INPUT]
    for scores in told.values():
        assert scores.short < 1e-4
        assert scores.long < 1e-4


def test_so_it_has_by_the_flow_that_is_found():
    told = steadiness(pan(14), {"out": pan(14, seed=1)})
    assert told["out"].short < 0.006
    assert told["out"].long < 0.01
    assert told[INPUT].short < 0.003


def test_what_stands_still_while_its_content_moves_is_as_wrong_as_it_was_moved():
    """A ramp of 1/240 a pixel: the content moves by 2 pixels with each frame, and the ramp does not."""
    ramp = np.repeat(np.repeat(np.arange(120)[None, :, None] / 240, 96, 0), 3, 2)
    told = steadiness(pan(13), {"out": frames([ramp] * 13)}, panned())["out"]
    assert told.short == pytest.approx(2 / 240, rel=0.05)
    assert told.long == pytest.approx(20 / 240, rel=0.05)


def test_noise_of_each_frame_is_told_as_what_it_is():
    """Two frames with noise of their own differ by the root of two times the noise."""
    noise = 0.04
    out = frames(0.5 + noise * rng.standard_normal((96, 120, 3)) for _ in range(13))
    told = steadiness(still(13), {"out": out})["out"]
    assert told.short == pytest.approx(sqrt(2) * noise, rel=0.02)
    assert told.long == pytest.approx(sqrt(2) * noise, rel=0.02)
    assert told.detail == pytest.approx(sqrt(2) * noise, rel=0.02)
    assert told.relative == pytest.approx(1, rel=0.02)


def test_the_root_is_of_the_mean_of_squares_over_all_pairs():
    """One jump by 0.2 in four pairs: the root of 0.04 / 4."""
    out = frames(np.full((96, 120, 3), level) for level in (0.4, 0.4, 0.4, 0.6, 0.6))
    assert steadiness(still(5), {"out": out})["out"].short == pytest.approx(0.1, rel=0.01)


def test_less_contrast_has_less_error_and_the_same_relative_one():
    noise = [rng.standard_normal((96, 120, 3)) for _ in range(5)]
    films = {str(size): frames(0.5 + size * each for each in noise) for size in (0.08, 0.02)}
    told = steadiness(still(5), films)
    assert told["0.02"].short == pytest.approx(told["0.08"].short / 4, rel=0.02)
    assert told["0.02"].relative == pytest.approx(told["0.08"].relative, rel=0.01)


def test_what_was_hidden_does_not_count():
    """A square of another gray moves over the picture; the film paints uncovered ground in a color of its own."""

    def square(picture, left):
        shown = picture.copy()
        shown[30:60, left : left + 30] = smooth(36, 36, 7)[:30, :30]
        return shown

    ground = smooth(96, 120)
    content = frames(square(ground, 20 + 5 * at) for at in range(2))
    marked = [frame.copy() for frame in content]
    marked[1][30:60, 20:25] = (255, 0, 255)

    def truth(start, end):
        x = torch.arange(120)[None].expand(96, 120)
        y = torch.arange(96)[:, None].expand(96, 120)
        left = 20 + 5 * start
        inside = (x >= left) & (x < left + 30) & (y >= 30) & (y < 60)
        return torch.stack([5.0 * (end - start) * inside, torch.zeros(96, 120)])[None]

    told = steadiness(content, {"out": marked}, truth)
    assert told["out"].short < 1e-3
    assert told[INPUT].short < 1e-3


def test_nothing_is_compared_across_a_cut():
    """Two levels, one for each of two shots: 0.2 apart, and without an error."""
    content = [scene(96, 120, seed=seed) for seed in (0, 1) for _ in range(12)]
    out = frames(np.full((96, 120, 3), level) for level in (0.4, 0.6) for _ in range(12))
    told = steadiness(content, {"out": out})
    assert told["out"].short == pytest.approx(0, abs=1e-6)
    assert told["out"].long == pytest.approx(0, abs=1e-6)
    assert told[INPUT].short < 1e-3


def test_drift_is_the_way_of_the_mean_color_within_a_shot():
    """Gray of 0.5 to gray of 0.6 is 0.0878 of Oklab's lightness; the jump at the cut is none."""
    gray = {level: np.full((96, 120, 3), level) for level in (0.5, 0.6, 0.1)}
    content = still(3) + still(2, smooth(96, 120, 5))
    told = steadiness(content, {"out": frames(gray[level] for level in (0.5, 0.6, 0.5, 0.1, 0.1))})["out"]
    lightness = [((level / 255 + 0.055) / 1.055) ** 2.4 for level in (128, 153)]
    assert told.drift == pytest.approx(np.cbrt(lightness[1]) - np.cbrt(lightness[0]), rel=1e-3)


def test_films_are_measured_at_the_size_of_the_first():
    content = pan(4)
    large = [np.repeat(np.repeat(frame, 2, 0), 2, 1) for frame in content]
    told = steadiness(content, {"large": large, "as it is": content}, panned())
    assert told["as it is"] == told[INPUT]
    assert told["large"].short == pytest.approx(told[INPUT].short, abs=0.01)


def test_a_film_is_never_held_as_a_whole():
    alive = []

    class Counted(np.ndarray):
        pass

    def stream():
        import weakref

        for frame in pan(40):
            counted = frame.view(Counted)
            alive.append(weakref.ref(counted))
            yield counted
            del counted
            most.append(sum(each() is not None for each in alive))

    most: list[int] = []
    steadiness(stream(), {})
    assert max(most) <= LONG + 4


@pytest.mark.parametrize(("lengths", "told"), [((5, 3), "'out' ends after 3"), ((2, 4), "'input film' ends after 2")])
def test_films_of_two_lengths_are_told(lengths, told):
    with pytest.raises(ImageError, match=told):
        steadiness(still(lengths[0]), {"out": still(lengths[1])})


@pytest.mark.parametrize("count", [0, 1])
def test_too_short_a_film_has_no_error(count):
    scores = steadiness(still(count), {"out": still(count)})["out"]
    assert np.isnan([scores.short, scores.long]).all()
    assert scores.drift == 0


def test_a_flat_film_is_perfectly_steady():
    scores = steadiness(still(3), {"out": frames([np.full((96, 120, 3), 0.5)] * 3)})["out"]
    assert (scores.short, scores.detail, scores.relative) == (pytest.approx(0, abs=1e-6), 0, 0)


@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (40, 2)])
def test_frames_of_any_shape(shape):
    """Noise of its own in each frame of 13: by some flow or other, if any, no figure is without bounds."""
    film = [rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for _ in range(13)]
    for scores in steadiness(film, {"out": film}).values():
        assert not any(np.isinf(value) for value in vars(scores).values())


def test_a_film_that_changes_its_size_is_measured_at_its_first():
    whole = still(3)
    changed = [*whole[:2], np.ascontiguousarray(whole[2][::2, ::2])]
    for content, out in ((whole, changed), (changed, whole)):
        assert steadiness(content, {"out": out})["out"].short < 0.02
