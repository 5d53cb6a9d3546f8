import sys
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from impasto.errors import MissingExtraError
from impasto.motion import chained, flow, warped

from .scenes import grid, off, scene, vectors

SHAPE = (120, 160)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (1.0, 0.0), (0.0, -3.0), (2.5, 1.25), (-7.3, 4.1), (11.0, -9.0)])
def test_a_shift_is_found_to_a_tenth_of_a_pixel(shift):
    """What is at p goes to p + shift: the later frame has at q what the earlier one has at q - shift."""
    later = scene(*SHAPE, lambda x, y: (x - shift[0], y - shift[1]))
    true = torch.tensor(shift).view(1, 2, 1, 1).expand(1, 2, *SHAPE)
    assert off(flow(scene(*SHAPE), later), true, 16).mean() < 0.1


@pytest.mark.parametrize(("zoom", "turn"), [(1.05, 0.0), (0.94, 0.0), (1.0, 0.05), (1.03, -0.03)])
def test_a_zoom_and_a_turn_about_the_middle(zoom, turn):
    """What is at p goes to M (p - c) + c; the later frame looks back through the inverse of M."""
    matrix = zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    inverse = np.linalg.inv(matrix)

    def moved(by, x, y):
        return tuple(row[0] * (x - 80) + row[1] * (y - 60) + middle for row, middle in zip(by, (80, 60), strict=True))

    x, y = grid(*SHAPE)
    there = moved(matrix, x, y)
    later = scene(*SHAPE, lambda x, y: moved(inverse, x, y))
    assert off(flow(scene(*SHAPE), later), vectors(there[0] - x, there[1] - y), 16).mean() < 0.15


def test_brightness_does_not_move():
    earlier = scene(*SHAPE)
    darker = (earlier * 0.7).astype(np.uint8)
    assert flow(earlier, darker).norm(dim=1).mean() < 0.15


def test_a_flat_frame_has_no_motion():
    assert not flow(np.full((90, 120, 3), 128, np.uint8), np.full((90, 120, 3), 90, np.uint8)).any()


def test_a_guess_helps_where_a_search_is_lost():
    """Seventy pixels in ten steps: more than a search alone finds in a frame of 160."""
    frames = [scene(*SHAPE, lambda x, y, step=step: (x + 7 * step, y)) for step in range(11)]
    true = torch.tensor([-70.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, *SHAPE)
    guess = reduce(chained, (flow(*pair) for pair in pairwise(frames)))
    before = guess.clone()
    found = flow(frames[0], frames[10], guess)
    seen = slice(90, 144)  # what is left of it has gone out of the frame by then
    errors = [(motion - true).norm(dim=1)[0, 16:-16, seen].mean() for motion in (flow(frames[0], frames[10]), found)]
    assert errors[0] > 5
    assert errors[1] < 0.2
    assert torch.equal(guess, before)


def test_it_brings_the_later_frame_back():
    earlier, later = scene(*SHAPE), scene(*SHAPE, lambda x, y: (x - 3.4, y + 2.2))
    pixels = [torch.from_numpy(frame).permute(2, 0, 1)[None].float() for frame in (earlier, later)]
    brought = warped(pixels[1], flow(earlier, later))
    apart = [(each - pixels[0])[..., 8:-8, 8:-8].square().mean().sqrt() for each in (pixels[1], brought)]
    assert apart[1] < 0.06 * apart[0]


def test_the_same_each_time():
    pair = scene(*SHAPE), scene(*SHAPE, lambda x, y: (x - 2, y))
    assert torch.equal(flow(*pair), flow(*pair))


@settings(max_examples=60, deadline=None)
@given(height=st.integers(1, 140), width=st.integers(1, 140), guessed=st.booleans(), seed=st.integers(0, 99))
def test_any_size_has_a_flow(height, width, guessed, seed):
    """OpenCV's own search brings the process down at some of them."""
    chance = np.random.default_rng(seed)
    frames = [chance.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(2)]
    guess = torch.from_numpy(chance.normal(0, 50, (1, 2, height, width))) if guessed else None
    found = flow(*frames, guess)
    assert found.shape == (1, 2, height, width)
    assert found.dtype == torch.float32
    assert found.isfinite().all()


def test_frames_have_one_size():
    with pytest.raises(ValueError, match=r"not \(9, 9, 3\) and \(9, 8, 3\)"):
        flow(np.zeros((9, 9, 3), np.uint8), np.zeros((9, 8, 3), np.uint8))


def test_what_is_missing_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MissingExtraError, match="the motion of a film needs an optional package"):
        flow(scene(32, 32), scene(32, 32))
