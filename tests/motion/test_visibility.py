import pytest
import torch

from impasto.motion import visible

from .scenes import grid


def flows(shape=(40, 60), left=20, top=10, side=16, step=(6, 0)):
    """A square that moves by `step` over ground that stands still: (flow to the later frame, flow back)."""
    x, y = (torch.from_numpy(each) for each in grid(*shape))

    def within(by):
        return (x >= left + by[0]) & (x < left + by[0] + side) & (y >= top + by[1]) & (y < top + by[1] + side)

    vector = torch.tensor(step, dtype=torch.float32).view(2, 1, 1)
    return (vector * within((0, 0)))[None], (-vector * within(step))[None]


def test_a_moving_square_hides_what_is_before_it_and_uncovers_what_is_behind():
    motion, back = flows()
    seen = visible(motion, back)[0, 0]
    assert not seen[12:24, 36:42].any()  # ground that the square covers in the later frame
    assert seen[12:24, 23:34].all()  # the square
    assert seen[:, :18].all()
    assert seen[:, 44:].all()
    behind = visible(back, motion)[0, 0]
    assert not behind[12:24, 20:26].any()  # ground that it has uncovered: not in the earlier frame
    assert behind[12:24, 44:].all()


def test_its_border_is_not_trusted():
    """Central differences: the two pixels at either side of each edge, and nothing beside them."""
    motion, back = flows()
    seen = visible(motion, back)[0, 0]
    assert seen[18, 17:23].tolist() == [1, 1, 0, 0, 1, 1]
    assert seen[7:13, 28].tolist() == [1, 1, 0, 0, 1, 1]


@pytest.mark.parametrize(("error", "expected"), [(0.70, 1.0), (0.72, 0.0)])
def test_still_ground_allows_half_a_squared_pixel(error, expected):
    """0.7² = 0.49 is below 0.01 x 0.49 + 0.5; 0.72² = 0.5184 is above 0.5052."""
    motion = torch.zeros(1, 2, 20, 20)
    back = torch.zeros(1, 2, 20, 20)
    back[:, 0] = error
    assert visible(motion, back)[0, 0, 5:15, 5:15].unique().tolist() == [expected]


@pytest.mark.parametrize(("error", "expected"), [(1.47, 1.0), (1.51, 0.0)])
def test_fast_motion_allows_more(error, expected):
    """10 there, 10 - e back: 1.47² = 2.161 is below 0.01 (100 + 8.53²) + 0.5 = 2.228; 1.51² = 2.280 above 2.221."""
    motion, back = torch.zeros(1, 2, 20, 60), torch.zeros(1, 2, 20, 60)
    motion[:, 0], back[:, 0] = 10, error - 10
    assert visible(motion, back)[0, 0, 10, 20] == expected


def test_what_leaves_the_frame_is_gone():
    motion = torch.zeros(1, 2, 10, 30)
    motion[:, 0] = 4.4
    seen = visible(motion, -motion)[0, 0]
    assert seen[:, :26].all()  # the last of them ends at 29.4, on the last pixel, which reaches to 29.5
    assert not seen[:, 26:].any()


def test_a_slow_zoom_has_no_border():
    x, y = (torch.from_numpy(each).float() for each in grid(60, 80))
    motion = 0.02 * torch.stack([x - 39.5, y - 29.5])[None]
    assert visible(motion, -motion / 1.02)[..., 2:-2, 2:-2].all()
