"""Colors as a painting has changed them."""

import torch

from impasto.engine.toning import Toning


def test_colors_become_what_they_became_in_the_painting():
    generator = torch.Generator().manual_seed(0)
    frame = torch.rand(1, 3, 80, 120, generator=generator)
    painted = 0.2 + 0.6 * frame.flip(1)
    colors = torch.rand(3, 200, generator=generator)
    assert (Toning(frame, painted)(colors) - (0.2 + 0.6 * colors.flip(0))).abs().mean() < 0.02


def test_a_color_that_was_not_seen_becomes_what_the_nearest_one_has():
    frame = torch.zeros(1, 3, 20, 20)
    frame[..., 10:] = 1
    painted = torch.zeros_like(frame)
    painted[:, 0, :, :10], painted[:, 2, :, 10:] = 1, 1
    dark, bright = Toning(frame, painted)(torch.tensor([[0.2, 0.9], [0.1, 0.8], [0.0, 0.9]])).T
    assert torch.allclose(dark, torch.tensor([1.0, 0, 0]), atol=0.01)
    assert torch.allclose(bright, torch.tensor([0.0, 0, 1]), atol=0.01)
    red = Toning(torch.zeros(1, 3, 20, 20), torch.full((1, 3, 20, 20), 0.3))(torch.tensor([[1.0], [0.0], [0.0]]))
    assert torch.allclose(red, torch.full((3, 1), 0.3)), "however far away"
    assert torch.isfinite(Toning(frame, painted)(torch.rand(3, 500))).all()
