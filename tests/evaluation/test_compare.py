import pytest
import torch

from impasto.errors import ImageError, SettingsError
from impasto.evaluation import Scores, compare, compromise


def test_a_copy_of_each_input_is_perfect_in_its_own_half_only(photo, styles):
    of_content, of_style = compare([photo], photo, styles["mosaic"])[1:]
    assert of_content.perceptual == of_content.structure == 0
    assert of_content.edges == pytest.approx(1)
    assert of_content.noise == of_style.noise == 0
    assert of_content.weave == 0
    assert of_style.gram < of_content.gram / 2
    assert of_style.distribution < of_content.distribution / 2
    assert of_style.perceptual > 0.1
    assert of_style.edges < 0.7


def test_a_result_that_is_the_content_scores_as_the_content(photo, styles):
    result, copy, _ = compare([photo], photo, styles["mosaic"])
    assert result == copy


def test_what_the_caller_has_chosen_for_torch_changes_no_score(photo, styles):
    with torch.autocast("cpu", torch.bfloat16):
        found = compare([photo], photo, styles["mosaic"])
    assert found == compare([photo], photo, styles["mosaic"])


def test_results_of_other_sizes_are_brought_to_the_first(photo, styles):
    small = photo.resize((photo.width // 2, photo.height // 2))
    scores = compare([photo, small], photo, styles["woodcut"])
    assert len(scores) == 4
    assert scores[0].edges == pytest.approx(1)
    assert 0.2 < scores[1].edges < 1


def test_what_cannot_be_had_is_said(photo, styles, tmp_path):
    with pytest.raises(ImageError, match="no such file"):
        compare([tmp_path / "none.png"], photo, styles["mosaic"])
    with pytest.raises(SettingsError, match="vgg19"):
        compare([photo], photo, styles["mosaic"], network="vgg91")


def test_a_single_result_goes_in_brackets_too(photo, styles):
    for results in ([], "out.png"):
        with pytest.raises(SettingsError, match="a list of pictures is compared"):
            compare(results, photo, styles["mosaic"])


def test_a_network_that_lacks_the_layers_cannot_judge(photo, styles):
    with pytest.raises(
        SettingsError, match=r"student has no relu\d_\d, at which pictures are scored. Use vgg19 or vgg16"
    ):
        compare([photo], photo, styles["mosaic"], network="student")


def test_a_picture_between_its_inputs_is_a_better_compromise_than_either():
    scores = [Scores(0, distribution, 0, perceptual, 0, 0, 0, 0) for perceptual, distribution in ((0.6, 0.3), (0, 0.6))]
    style = Scores(0, 0, 0, 1.2, 0, 0, 0, 0)
    assert compromise(scores[0], scores[1], style) == pytest.approx(0.5**0.5)
    assert compromise(scores[1], scores[1], style) == 1
    assert compromise(style, scores[1], style) == 1
