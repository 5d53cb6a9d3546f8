import pytest
import torch
from images.pictures import moments, quarter
from scipy.linalg import sqrtm
from skimage.data import astronaut, coffee

from impasto.images.color import srgb_to_oklab
from impasto.images.color_matching import cloud, histograms, linear
from impasto.images.recolor import to_gray

CONTENT, STYLE = quarter(astronaut()), quarter(coffee())
CONTENT_LAB, STYLE_LAB = srgb_to_oklab(CONTENT), srgb_to_oklab(STYLE)


def test_a_linear_change_gives_mean_and_covariance_of_the_target():
    for got, wanted in zip(moments(linear(STYLE, CONTENT)(STYLE_LAB)), moments(CONTENT_LAB), strict=True):
        assert torch.allclose(got, wanted, atol=1e-9)


def test_a_linear_change_is_the_map_of_monge_and_kantorovich():
    (mean, S), (target_mean, T) = moments(STYLE_LAB), moments(CONTENT_LAB)
    root = torch.from_numpy(sqrtm(S.numpy()).real)
    inner = torch.from_numpy(sqrtm((root @ T @ root).numpy()).real)
    matrix = root.inverse() @ inner @ root.inverse()
    expected = torch.einsum("ij,bjhw->bihw", matrix, STYLE_LAB - mean[:, None, None]) + target_mean[:, None, None]
    assert torch.allclose(linear(STYLE, CONTENT)(STYLE_LAB), expected, atol=1e-8)


def test_colors_that_match_already_stay():
    assert torch.allclose(linear(STYLE, STYLE)(STYLE_LAB), STYLE_LAB, atol=1e-9)


def test_a_style_of_one_color_takes_the_mean_and_no_noise():
    flat = torch.full((1, 3, 8, 8), 0.3, dtype=torch.float64)
    moved = linear(flat, CONTENT)(srgb_to_oklab(flat))
    assert torch.allclose(moved, CONTENT_LAB.mean(dim=(2, 3), keepdim=True).expand_as(moved))


def quantiles(values: torch.Tensor) -> torch.Tensor:
    return torch.quantile(values[0].flatten(1), torch.linspace(0.02, 0.98, 25, dtype=values.dtype), dim=1)


def test_a_matched_histogram_is_the_targets():
    got = quantiles(histograms(STYLE, CONTENT)(STYLE)) - quantiles(CONTENT)
    assert got.abs().mean() < 0.01  # of values that come in steps of 1/255, many at once
    assert got.abs().max() < 0.05


@pytest.mark.parametrize("change", [histograms, cloud])
@pytest.mark.parametrize("paper", [0.0, 1.0])
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_a_large_flat_area_takes_the_middle_of_the_colors_that_it_stands_for(change, paper, share):
    values = STYLE.clone()
    values[:, :, : round(share * STYLE.shape[2])] = paper
    moved = change(values, CONTENT)(values)
    assert (moved.mean((2, 3)) - CONTENT.mean((2, 3))).abs().max() < 0.01
    assert moved[:, :, 0, 0].amin() > CONTENT.amin() + 0.05


def test_a_gray_painting_gets_no_colors_made_of_rounding():
    gray = srgb_to_oklab(to_gray(STYLE.float()))
    moved = histograms(gray, srgb_to_oklab(CONTENT.float()))(gray)
    assert moved[:, 1:].std((2, 3)).max() < 1e-5


def test_a_moved_cloud_has_the_targets_histograms_along_any_axis():
    moved = cloud(STYLE_LAB, CONTENT_LAB)(STYLE_LAB)
    axes = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(3))).Q
    got, wanted = (quantiles(torch.einsum("ij,bjhw->bihw", axes, each)) for each in (moved, CONTENT_LAB))
    assert (got - wanted).abs().max() < 0.06
    moved = linear(STYLE, CONTENT)(STYLE_LAB)
    matched = quantiles(torch.einsum("ij,bjhw->bihw", axes, moved))
    assert (got - wanted).abs().mean() < 0.5 * (matched - wanted).abs().mean()


@pytest.mark.parametrize("change", [linear, histograms, cloud])
def test_a_mask_of_ones_is_no_mask(change):
    ones = [torch.ones(1, 1, *each.shape[2:]) for each in (STYLE, CONTENT)]
    assert torch.allclose(change(STYLE, CONTENT, *ones)(STYLE_LAB), change(STYLE, CONTENT)(STYLE_LAB), atol=1e-6)
