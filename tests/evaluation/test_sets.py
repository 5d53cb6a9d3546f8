import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from impasto.evaluation import compare_sets, frechet_distance


def cloud(seed, count=60, channels=5, shift=0.0):
    return shift + torch.randn(count, channels, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_the_frechet_distance_is_that_of_the_paper():
    first, second = cloud(1).numpy() * [1, 2, 1, 0.5, 1], cloud(2, shift=0.3).numpy()
    covariances = [np.cov(each.T, bias=True) for each in (first, second)]
    root = sqrtm(covariances[0] @ covariances[1]).real
    expected = np.square(first.mean(0) - second.mean(0)).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    got = frechet_distance(torch.from_numpy(first), torch.from_numpy(second))
    assert got == pytest.approx(expected / np.trace(covariances[1]), rel=2e-3)


def test_copies_lie_at_their_ends(photo, styles):
    contents, models = [photo.resize((96, 80))] * 2, [styles["mosaic"], styles["woodcut"]]
    scores = compare_sets(contents, contents, models)
    assert scores["results"] == scores["copies of the contents"]
    assert scores["results"].perceptual == 0
    assert scores["copies of the styles"].frechet < 0.3 * scores["copies of the contents"].frechet


def test_sets_have_one_length(photo):
    with pytest.raises(ValueError, match="argument"):
        compare_sets([photo], [photo], [photo, photo])
    with pytest.raises(ValueError, match="1 results, 1 contents, 2 styles"):
        compare_sets([photo], [photo], [photo, photo])
