import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from impasto.images.color import linear_to_srgb, oklab_to_linear, oklab_to_srgb, srgb_to_linear, srgb_to_oklab


def color(*channels: float) -> torch.Tensor:
    return torch.tensor(channels, dtype=torch.float64).reshape(1, 3, 1, 1)


def cube(steps: int = 9) -> torch.Tensor:
    axis = torch.linspace(0, 1, steps, dtype=torch.float64)
    return torch.cartesian_prod(axis, axis, axis).T.reshape(1, 3, -1, 1)


@pytest.mark.parametrize(
    ("srgb", "oklab"),
    [
        ((1, 1, 1), (1, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (0.6280, 0.2249, 0.1258)),
        ((0, 1, 0), (0.8664, -0.2339, 0.1795)),
        ((0, 0, 1), (0.4520, -0.0325, -0.3115)),
    ],
)
def test_oklab_of_the_corners_is_as_published(srgb, oklab):
    assert srgb_to_oklab(color(*srgb)).flatten().tolist() == pytest.approx(oklab, abs=6e-5)


def test_half_of_the_light_is_073536_in_srgb():
    assert linear_to_srgb(color(0.5, 0.5, 0.5)).flatten().tolist() == pytest.approx([0.735357] * 3, abs=1e-6)
    assert srgb_to_linear(color(0.04, 0.04, 0.04))[0, 0].item() == pytest.approx(0.04 / 12.92)


def test_there_and_back_is_nothing():
    assert torch.allclose(linear_to_srgb(srgb_to_linear(cube())), cube(), atol=1e-7)
    assert torch.allclose(oklab_to_srgb(srgb_to_oklab(cube())), cube(), atol=2e-4)


def test_lightness_orders_grays_as_cielab_does():
    grays = torch.rand(50, dtype=torch.float64)[None, :].expand(3, -1).reshape(1, 3, 50, 1)
    cielab = rgb2lab(grays[0].permute(1, 2, 0).numpy())[..., 0].ravel()
    assert (np.argsort(cielab) == np.argsort(srgb_to_oklab(grays)[0, 0].flatten().numpy())).all()


def test_what_no_screen_shows_keeps_lightness_and_hue_and_loses_chroma():
    lab = torch.rand(1, 3, 40, 40, dtype=torch.float64)
    lab = lab * torch.tensor([0.9, 0.8, 0.8])[:, None, None] + torch.tensor([0.1, -0.4, -0.4])[:, None, None]
    assert (oklab_to_linear(lab).amin(dim=1) < -0.01).any(), "some of these colors must be out of reach"
    shown = srgb_to_oklab(oklab_to_srgb(lab))
    assert torch.allclose(shown[:, 0], lab[:, 0], atol=5e-3)
    chroma, wanted = torch.linalg.norm(shown[:, 1:], dim=1), torch.linalg.norm(lab[:, 1:], dim=1)
    assert (chroma <= wanted + 5e-3).all()
    along = (shown[:, 1:] * lab[:, 1:]).sum(dim=1) / (chroma * wanted)
    assert along[chroma > 0.05].min() > 0.99
