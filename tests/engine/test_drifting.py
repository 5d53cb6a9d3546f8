"""Noise that moves with what a film shows."""

import torch

from impasto.engine.drifting import Drift
from impasto.engine.noise import _between, _white


def moving(right: float, down: float, height: int = 32, width: int = 48) -> torch.Tensor:
    """The flow back to the last frame of a film that moves as a whole."""
    return torch.tensor([-right, -down])[None, :, None, None].expand(1, 2, height, width)


def test_a_drift_adds_up_all_that_moved():
    drift = Drift()
    for _ in range(5):
        found = drift(moving(3.0, -1.0))
    assert found.shape == (1, 2, 16, 24)
    assert torch.allclose(found[0, 0], torch.tensor(-15.0))
    assert torch.allclose(found[0, 1], torch.tensor(5.0))


def test_what_is_stretched_gets_fresh_noise_that_follows_the_camera():
    drift = Drift()
    zoom = moving(2.0, 0.0).clone()
    zoom[:, 0, :, :24] += torch.linspace(0, 6, 24)  # a quarter longer with every frame, on the left
    for number in range(4):
        found = drift(zoom)
        torn = drift.state[:, 2:].abs().amax(1)  # type: ignore[index]
        assert torn.max() < 0.5, "nothing is longer than half as much again"
        assert (found[0, 0, :, 16:22] + 2 * (number + 1)).abs().max() < 0.5, "the other half just moves"


def test_a_state_goes_on_where_it_was():
    first, flow = Drift(), torch.randn(1, 2, 32, 48)
    first(flow)
    second = Drift(first.state.clone())  # type: ignore[union-attr]
    assert torch.equal(first(flow), second(flow))


def test_noise_between_positions_is_as_strong_as_at_them_and_the_same_at_them():
    white = _white(torch.device("cpu"))[0]
    rows, columns = torch.meshgrid(torch.arange(200.0), torch.arange(200.0), indexing="ij")
    assert torch.equal(_between(white, rows + 300, columns), white[(rows.long() + 300) % 256, columns.long()])
    for part in (0.25, 0.5):
        assert abs(_between(white, rows + part, columns + part).std() - 1) < 0.02
