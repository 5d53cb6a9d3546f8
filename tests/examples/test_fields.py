"""The arithmetic of the drawings, against numbers worked by hand and SciPy."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from drawn.fields import blur, coordinates, finish, noise, palette, ramp, smoothstep


def test_coordinates_are_zero_in_the_middle_and_measure_the_shorter_side_as_two() -> None:
    x, y = coordinates(2, 4)
    assert x.tolist() == [[-1.5, -0.5, 0.5, 1.5]] * 2
    assert y.tolist() == [[-0.5] * 4, [0.5] * 4]


@pytest.mark.parametrize("radius", [1.0, 1.5, 4.0])
def test_blur_is_scipys(radius: float) -> None:
    field = np.random.default_rng(0).uniform(0, 1, (40, 52)).astype(np.float32)
    assert blur(field, radius) == pytest.approx(gaussian_filter(field, radius, mode="mirror", truncate=6), abs=3e-3)


def test_noise_has_the_same_bumps_at_every_size() -> None:
    small, large = (noise((side, side), 4, np.random.default_rng(1)) for side in (64, 256))
    assert np.abs(large.reshape(64, 4, 64, 4).mean(axis=(1, 3)) - small).max() < 0.05
    assert np.abs(large).max() <= 1.3


def test_ramp_runs_evenly_through_its_colors() -> None:
    field = np.array([[0.0, 0.25, 0.5, 1.0]])
    expected = [[0, 0, 0], [0.5, 0, 0], [1, 0, 0], [1, 1, 1]]
    assert ramp(field, "#000000", "#ff0000", "#ffffff")[0].tolist() == expected


def test_palette_reads_hexadecimal() -> None:
    assert (palette("#336699", "#00ff80") * 255).round().tolist() == [[51, 102, 153], [0, 255, 128]]


def test_smoothstep_at_its_ends_its_middle_and_a_quarter() -> None:
    assert smoothstep(2, 4, np.array([1.0, 2, 2.5, 3, 4, 9])).tolist() == [0, 0, 0.15625, 0.5, 1, 1]


def test_finish_clips_and_reduces() -> None:
    image = finish(np.full((8, 6, 3), [2.0, 0.5, -1.0]), width=3, height=4)
    assert image.size == (3, 4)
    assert image.getcolors() == [(12, (255, 128, 0))]
