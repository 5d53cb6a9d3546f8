"""What a painting is trained to make small: here its grain, which no network looks at."""

import pytest
import torch
from torch import Tensor

from impasto.networks import load
from impasto.training.style_losses import style_losses

FLAT = torch.full((1, 3, 64, 64), 0.5)
CHECKERS = FLAT + 0.1 * (-1.0) ** (torch.arange(64)[:, None] + torch.arange(64))


def noise(size: float) -> Tensor:
    return 0.5 + size * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def grain(painted: Tensor, photo: Tensor, style: Tensor) -> Tensor:
    return style_losses(painted, photo, style, load("student"))["grain"]


def test_layers_count_in_style_as_they_are_weighed() -> None:
    def style(layers: dict[str, float]) -> float:
        return style_losses(noise(0.2), noise(0.1), CHECKERS, load("student"), layers)["style"].item()

    fine, coarse = style({"relu1_1": 1.0}), style({"relu5_1": 1.0})
    assert fine != pytest.approx(coarse, rel=0.05)
    assert style({"relu1_1": 1.0, "relu5_1": 0.5}) == pytest.approx((fine + coarse / 2) / 1.5, rel=1e-4)


def test_what_the_photo_or_the_style_has_is_no_grain() -> None:
    assert grain(noise(0.1), noise(0.1), FLAT) == 0
    assert grain(CHECKERS, FLAT, CHECKERS) == 0
    assert grain(FLAT, noise(0.1), noise(0.2)) == 0


def test_it_is_the_share_that_is_too_much() -> None:
    assert grain(noise(0.1), FLAT, FLAT) == pytest.approx(1, abs=0.01)
    # Of three times the amplitude nine times the energy: eight parts of ten.
    assert grain(noise(0.3), noise(0.1), FLAT) == pytest.approx(0.8, abs=0.01)
    assert grain(noise(1e-4), FLAT, FLAT) < 0.01, "nobody sees that"


@pytest.mark.parametrize("waves", [CHECKERS - FLAT, 0.1 * (-1.0) ** torch.arange(64)])
def test_waves_of_two_pixels_count_and_are_unlearned(waves: Tensor) -> None:
    photo = noise(0.02)
    painted = (photo + 0.3 * waves).requires_grad_()
    (found,) = grain(painted, photo, FLAT)
    found.backward()
    assert found > 0.01
    assert painted.grad is not None
    assert (painted.grad * waves).sum() > 0, "less of them is less grain"
    assert grain(photo + 0.1 * waves, photo, FLAT) < found
