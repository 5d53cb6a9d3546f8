"""What a painting has that neither picture has: here threads along rows and columns, and a grid of two pixels."""

import math

import pytest
import torch
from torch import Tensor

from impasto.training.artifacts import artifacts

SIDE = 192
COLUMN = torch.arange(SIDE)


def noise(size: float, seed: int = 1) -> Tensor:
    return 0.5 + size * torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


def waves(length: float, degrees: float = 0.0) -> Tensor:
    """Of an amplitude of 1, that run so many degrees off the rows."""
    along = COLUMN * math.cos(math.radians(degrees)) + COLUMN[:, None] * math.sin(math.radians(degrees))
    return torch.cos(2 * math.pi * along / length).expand(1, 3, SIDE, SIDE)


def found(name: str, painted: Tensor, photo: Tensor, style: Tensor) -> float:
    return artifacts(painted, photo, style)[name].item()


@pytest.mark.parametrize("length", [2, 2.2, 4, 12])
@pytest.mark.parametrize("degrees", [0, 5, 90])
def test_waves_along_rows_and_columns_are_a_weave_where_all_detail_together_is_no_more_than_a_styles(
    length: float, degrees: float
) -> None:
    painted, style = noise(0.05) + 0.03 * waves(length, degrees), noise(0.3, 2)
    assert found("grain", painted, noise(0.05, 3), style) == 0
    assert found("weave", painted, noise(0.05, 3), style) > 1.5 * found("weave", noise(0.05), noise(0.05, 3), style)


def test_a_weave_is_measured_in_logarithms_of_energy() -> None:
    """Ten times the energy along rows, and as much as before along columns: half of log(10)."""
    rows, columns = torch.fft.fftfreq(SIDE)[:, None], torch.fft.fftfreq(SIDE)
    along_rows = rows.abs() < 0.4 * columns.abs()
    louder = torch.fft.fft2(noise(0.05) - 0.5) * torch.where(along_rows, 10**0.5, 1.0)
    painted = torch.fft.ifft2(louder).real + 0.5
    assert found("weave", painted, noise(0.05), noise(0.05)) == pytest.approx(math.log(10) / 2, rel=0.1)


def test_what_either_picture_has_is_no_weave() -> None:
    woven = noise(0.05) + 0.03 * waves(6)
    assert found("weave", woven, woven, noise(0.1)) == 0
    assert found("weave", woven, noise(0.1), woven) == 0
    flat = torch.full((1, 3, SIDE, SIDE), 0.5)
    assert found("weave", flat, flat, flat) == 0
    assert found("weave", flat + 1e-4 * waves(2), flat, flat) < 0.01, "nobody sees that"


def test_too_few_waves_along_rows_and_columns_are_one_too() -> None:
    """Or threads would only turn by half a right angle."""
    across = noise(0.05) + 0.03 * waves(8, 45) + 0.03 * waves(8, -45)
    assert found("weave", across, noise(0.05), noise(0.05)) > 0.02


def test_a_grid_is_seen_where_squares_of_two_pixels_differ() -> None:
    photo = noise(0.05)
    squares = torch.nn.functional.interpolate(photo[..., ::2, ::2], scale_factor=2.0)
    assert found("grid", photo, photo, photo) < 0.02
    assert found("grid", squares, photo, photo) > 3, "within a square nothing changes"
    assert found("grid", squares.roll((1, 1), (2, 3)), photo, photo) > 3, "nor between two"


@pytest.mark.parametrize(("name", "unwanted"), [("weave", waves(2)), ("weave", waves(12, 90)), ("grid", waves(4))])
def test_a_step_along_the_gradient_makes_less_of_it(name: str, unwanted: Tensor) -> None:
    painted, photo, style = (noise(0.05) + 0.03 * unwanted).requires_grad_(), noise(0.05, 2), noise(0.1, 3)
    loss = artifacts(painted, photo, style)[name]
    loss.sum().backward()
    assert painted.grad is not None
    with torch.no_grad():
        step = 1e-4 * painted.grad / painted.grad.abs().max()
    assert artifacts(painted - step, photo, style)[name] < loss
