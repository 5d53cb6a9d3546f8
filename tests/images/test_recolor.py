import pytest
import torch
from images.pictures import moments, quarter
from skimage.data import astronaut, coffee

from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.images.recolor import after, before, luminance_transfer, match, match_in_range, regrained, to_gray


@pytest.fixture(scope="module")
def content() -> torch.Tensor:
    return quarter(astronaut())


@pytest.fixture(scope="module")
def style() -> torch.Tensor:
    return quarter(coffee())


def test_colors_that_match_already_stay(style):
    assert torch.allclose(match(style, style), style, atol=1e-3)
    assert torch.allclose(match_in_range(style, style), style, atol=1e-3)


def test_gray_noise_is_not_blown_up_to_colors(content):
    gray = torch.rand(1, 1, 32, 32, dtype=torch.float64).expand(1, 3, -1, -1)
    matched = srgb_to_oklab(match(gray, content))
    assert matched[:, 1:].flatten(2).std(dim=2).max() < 0.03


def test_matched_colors_are_near_the_photos_after_clamping_too(content, style):
    got, wanted = moments(srgb_to_oklab(match(style, content))), moments(srgb_to_oklab(content))
    assert torch.allclose(got[0], wanted[0], atol=0.02)
    assert torch.allclose(got[1], wanted[1], atol=0.01)


def test_luminance_transfer_has_the_lightness_of_one_and_the_hue_of_the_other(content):
    painted = content.flip(3) * 0.6 + 0.2
    lab, light, hue = (srgb_to_oklab(picture) for picture in (luminance_transfer(painted, content), painted, content))
    assert torch.allclose(lab[:, 0], light[:, 0], atol=5e-3)
    chroma = torch.linalg.norm(lab[:, 1:], dim=1)
    angle = (lab[:, 1:] * hue[:, 1:]).sum(dim=1) / (chroma * torch.linalg.norm(hue[:, 1:], dim=1))
    assert angle[chroma > 0.05].min() > 0.99
    assert (chroma <= torch.linalg.norm(hue[:, 1:], dim=1) + 5e-3).all()


def test_a_picture_lends_its_colors_to_itself_unchanged(content):
    assert torch.allclose(luminance_transfer(content, content), content, atol=1e-3)


def test_gray_stays_gray_and_keeps_the_lightness(content):
    gray = to_gray(content)
    assert torch.equal(gray[:, 0], gray[:, 1])
    assert torch.equal(gray[:, 0], gray[:, 2])
    assert torch.allclose(to_gray(gray), gray, atol=1e-6)
    assert torch.allclose(srgb_to_oklab(gray)[:, 0], srgb_to_oklab(content)[:, 0], atol=1e-6)


def test_the_mode_says_what_happens_before_and_after(content, style):
    assert before("style", content, [style]) == (content, [style])
    assert before("content", content, [style]) == (content, [style])
    assert torch.equal(before("match", content, [style, style])[1][1], match(style, content))
    assert torch.equal(before("gray", content, [style])[0], to_gray(content))
    painted = content.flip(2)
    assert after("style", painted, content) is painted
    assert after("match", painted, content) is painted
    assert torch.equal(after("content", painted, content), luminance_transfer(painted, content))
    assert torch.equal(after("gray", painted, content), to_gray(painted))


def test_regraining_keeps_a_change_that_is_the_same_for_all_shades(content):
    lab = srgb_to_oklab(0.2 + 0.6 * content)
    moved = oklab_to_srgb(lab + torch.tensor([0.05, 0.02, -0.02], dtype=lab.dtype)[:, None, None])
    assert torch.allclose(regrained(moved, oklab_to_srgb(lab)), moved, atol=1e-3)


def test_regraining_keeps_noise_down_and_edges_up():
    draw = torch.Generator().manual_seed(0)
    flat = 0.4 + 0.005 * torch.randn(1, 1, 64, 64, generator=draw)
    picture = torch.cat([flat, flat + 0.3], dim=3).expand(1, 3, -1, -1)
    stretched = (0.5 + 5 * (flat - 0.4)).clamp(0, 1)
    moved = torch.cat([stretched, stretched + 0.2], dim=3).expand(1, 3, -1, -1)
    got = regrained(moved, picture)[0, 0]
    assert moved[0, 0, :, :56].std() > 0.02
    assert got[:, :56].std() < 0.01
    assert (got[:, 66:70].mean() - got[:, 58:62].mean() - 0.2).abs() < 0.02


@pytest.mark.parametrize("mode", ["histogram", "transport"])
def test_each_region_gets_its_own_colors(mode, content):
    left = torch.zeros(1, 1, *content.shape[2:], dtype=torch.float64)
    left[..., :64] = 1
    photo = torch.where(left > 0, 0.3 * content, 0.7 + 0.3 * content)
    got = after(mode, content.flip(3), photo, [(left, left), (1 - left, 1 - left)])
    assert (got[..., :60].mean() - photo[..., :60].mean()).abs() < 0.02
    assert (got[..., 70:].mean() - photo[..., 70:].mean()).abs() < 0.02


def test_what_is_in_no_region_keeps_its_colors(content, style):
    nowhere = torch.zeros(1, 1, *style.shape[2:], dtype=torch.float64)
    nowhere[..., :3, :3] = 1
    moved = match(style, content, [(nowhere, None)])
    assert torch.allclose(moved[..., 4:, 4:], style[..., 4:, 4:], atol=1e-3)


def test_parts_of_the_photo_may_share_a_part_of_the_style(content, style):
    everywhere = torch.ones(1, 1, *style.shape[2:], dtype=torch.float64)
    once, twice = (match(style, content, [(everywhere, None)] * times) for times in (1, 2))
    assert torch.allclose(once, twice)


def test_in_range_nothing_burns_out_where_the_target_has_no_white():
    """A photo of a dark room with a bright window, and a painting of two grays: as bright, as varied."""
    room = torch.rand(1, 1, 40, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 0.1
    room[..., 20:30, 20:30] += 0.85
    grays = torch.where(torch.arange(40) < 20, 0.3, 0.7).double().expand(1, 1, 40, 40)
    room, grays = (each.expand(1, 3, -1, -1) for each in (room, grays))
    window = (..., slice(20, 30), slice(20, 30))
    assert (match(room, grays)[window] > 0.999).double().mean() > 0.5, "of most of the window nothing is left"
    moved = match_in_range(room, grays)
    assert moved[window].max() < 0.75
    assert moved.min() > 0.28
    assert torch.corrcoef(torch.stack([room[window].flatten(), moved[window].flatten()]))[0, 1] > 0.99


def test_in_range_no_color_is_stronger_than_the_targets():
    """Red spots on gray, and a painting that is half of it a little red, and half a little blue."""
    spots = torch.full((1, 3, 40, 40), 0.5, dtype=torch.float64)
    spots[..., ::3, ::3] = torch.tensor([0.9, 0.2, 0.2]).double()[:, None, None]
    halves = torch.full((1, 3, 40, 40), 0.45, dtype=torch.float64)
    halves[:, 0, :20] = halves[:, 2, 20:] = 0.55
    reddest, *got = (
        srgb_to_oklab(each)[0, 1].max() for each in (halves, match(spots, halves), match_in_range(spots, halves))
    )
    assert got[0] > 2 * reddest
    assert got[1] < 1.1 * reddest


def test_what_lies_elsewhere_says_nothing_of_how_bright_a_part_may_be(content):
    left = torch.zeros(1, 1, *content.shape[2:], dtype=torch.float64)
    left[..., :64] = 1
    gray = 0.4 + 0.2 * content
    bright = torch.where(left > 0, gray, 1.0)
    assert match_in_range(content, bright, [(None, left)]).max() < 0.65


@pytest.mark.parametrize("mode", ["histogram", "transport"])
def test_a_picture_in_its_own_colors_stays_as_it_is_down_to_a_small_spot(mode):
    """A red disc of a six-hundredth of the picture."""
    rows, columns = torch.meshgrid(torch.arange(256), torch.arange(256), indexing="ij")
    noise = 0.01 * torch.randn(256, 256, generator=torch.Generator().manual_seed(0))
    picture = (torch.linspace(0.3, 0.7, 256)[:, None] + noise).expand(1, 3, -1, -1).clone()
    picture[:, :, (rows - 60) ** 2 + (columns - 90) ** 2 < 36] = torch.tensor([0.9, 0.1, 0.1])[:, None]
    assert (after(mode, picture, picture) - picture).abs().max() < 1e-4
