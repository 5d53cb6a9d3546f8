import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from impasto.evaluation import (
    distribution_distance,
    edge_similarity,
    excess_noise,
    excess_weave,
    gram_distance,
    palette_distance,
    perceptual_distance,
    structure_distance,
)
from impasto.evaluation.content import _edges
from impasto.images.color import srgb_to_oklab


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def smooth() -> torch.Tensor:
    """A picture without fine detail."""
    return torch.nn.functional.interpolate(drawn(1, 3, 6, 8), size=(96, 128), mode="bicubic").clamp(0, 1)


def shuffled(features: torch.Tensor) -> torch.Tensor:
    order = torch.randperm(features[0, 0].numel(), generator=torch.Generator().manual_seed(1))
    return features.flatten(2)[:, :, order].view_as(features)


@pytest.mark.parametrize("distance", [gram_distance, distribution_distance])
def test_style_does_not_ask_where(distance):
    features = drawn(1, 5, 12, 14)
    assert distance(shuffled(features), features) == pytest.approx(0, abs=1e-5)
    assert distance(features, features + 1) > 0.3


@pytest.mark.parametrize("distance", [gram_distance, distribution_distance])
def test_a_black_picture_is_off_by_one(distance):
    features = drawn(1, 5, 12, 14)
    assert distance(torch.zeros_like(features), features) == pytest.approx(1)


@pytest.mark.parametrize("distance", [gram_distance, distribution_distance, perceptual_distance])
def test_features_of_another_scale_are_as_far_apart(distance):
    first, second = drawn(1, 5, 9, 9), drawn(1, 5, 9, 9, seed=1)
    assert distance(1000 * first, 1000 * second) == pytest.approx(distance(first, second), rel=1e-4)


def test_the_directions_are_the_same_whatever_numbers_are_by_default(request):
    features, style = drawn(1, 5, 9, 9), drawn(1, 5, 9, 9, seed=1)
    plain = distribution_distance(features, style)
    request.getfixturevalue("float64_by_default")
    assert distribution_distance(features, style) == pytest.approx(plain, rel=1e-5)


def test_distribution_sees_what_gram_matrices_do_not():
    """Two values against three, with the same mean and mean square."""
    two = torch.tensor([-1.0, 1.0] * 8).view(1, 1, 4, 4)
    three = torch.tensor([-(2**0.5), 0.0, 0.0, 2**0.5] * 4).view(1, 1, 4, 4)
    assert gram_distance(two, three) == pytest.approx(0, abs=1e-6)
    assert distribution_distance(two, three) > 0.3


def test_perceptual_distance_of_opposite_and_of_orthogonal_features():
    features = torch.zeros(1, 2, 3, 3)
    features[:, 0] = 5
    assert perceptual_distance(-features, features) == pytest.approx(4)
    assert perceptual_distance(features.flip(1), features) == pytest.approx(2)


def test_structure_does_not_ask_what_features_mean():
    features = drawn(1, 4, 5, 5)
    assert structure_distance(features.flip(1) * 7, features) == pytest.approx(0, abs=1e-5)
    assert structure_distance(shuffled(features), features) > 0.1


def test_edges_agree_with_scikit_image(smooth):
    """On the edges, with the means taken out of its formula: where both are the same, the first factor is 1."""
    other = (smooth + 0.1 * drawn(1, 3, 96, 128, seed=3)).clamp(0, 1)
    assert edge_similarity(smooth, smooth) == pytest.approx(1)
    first, second = (_edges(each)[0, 0].double().numpy() for each in (smooth, other))
    _, maps = structural_similarity(
        first, second, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, K1=1e3, full=True
    )
    assert edge_similarity(smooth, other) == pytest.approx(maps[5:-5, 5:-5].mean(), abs=2e-3)


def test_colors_of_their_own_do_not_change_edges(smooth):
    """Only lightness counts: Oklab's a and b may be anything."""
    gray = srgb_to_oklab(smooth)
    gray[:, 1:] = 0
    from impasto.images.color import oklab_to_srgb

    assert edge_similarity(oklab_to_srgb(gray), smooth) > 0.98


def test_noise_is_counted_in_decibels(smooth):
    noise = 0.02 * torch.randn(1, 3, 96, 128, generator=torch.Generator().manual_seed(4))
    noisy, noisier = 0.5 + noise, 0.5 + 10**0.5 * noise
    assert excess_noise(noisy, noisy, smooth) == 0
    assert excess_noise(smooth, noisy, smooth) == 0
    assert excess_noise(noisier, noisy, smooth) == pytest.approx(10, abs=0.7)


def test_a_weave_is_counted_in_decibels_beyond_the_threads_that_style_and_content_have():
    """Ten times the energy along rows, and as much as before along columns: half of 10 dB."""

    def noise(seed: int, times: float = 1.0) -> torch.Tensor:
        spectrum = torch.fft.fft2(torch.randn(1, 1, 192, 256, generator=torch.Generator().manual_seed(seed)))
        rows, columns = torch.fft.fftfreq(192)[:, None].abs(), torch.fft.fftfreq(256).abs()
        louder = torch.where(rows < 0.268 * columns, times**0.5, 1.0)
        return (0.5 + 0.03 * torch.fft.ifft2(louder * spectrum).real).expand(1, 3, 192, 256)

    assert excess_weave(noise(1), noise(1), noise(2)) == 0
    woven = noise(1, times=10)
    assert excess_weave(woven, noise(2), woven) == excess_weave(woven, woven, noise(2)) == 0
    assert excess_weave(woven, noise(2), noise(2, times=10)) < 0.7
    assert excess_weave(woven, noise(2), noise(3)) == pytest.approx(5 / 3, abs=0.4), "of the channels, lightness alone"
    assert excess_noise(woven, noise(2, times=10), noise(3)) < 0.3, "it is no noise where a style has detail enough"


def test_waves_that_are_finer_than_any_along_rows_and_columns_are_not_counted(smooth):
    """As docs/metrics.md says: a checkerboard has none but waves that run askew."""
    rows, columns = torch.arange(96)[:, None], torch.arange(128)
    plain = 0.5 + 0.2 * (smooth - 0.5)
    single, double = (plain + 0.1 * ((rows // side + columns // side) % 2 - 0.5) for side in (1, 2))
    assert excess_noise(single, plain, plain) == pytest.approx(0, abs=0.05)
    assert excess_noise(double, plain, plain) > 1
    assert excess_weave(double, plain, plain) == pytest.approx(0, abs=0.05)


def test_palette_is_the_change_that_a_color_needs():
    black, gray = torch.zeros(1, 3, 20, 20), torch.full((1, 3, 20, 20), 0.4)
    lightness = srgb_to_oklab(gray)[0, 0, 0, 0].item()
    assert palette_distance(gray, black) == pytest.approx(lightness, rel=0.02)
    assert palette_distance(shuffled(drawn(1, 3, 9, 9)), drawn(1, 3, 9, 9)) == pytest.approx(0, abs=1e-3)
    np.testing.assert_allclose(palette_distance(black, gray), palette_distance(gray, black), rtol=1e-5)
