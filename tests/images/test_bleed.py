import torch

from impasto.images.bleed import bleed


def test_a_hole_takes_the_color_around_it_and_the_rest_stays():
    pixels = torch.rand(1, 3, 33, 47)
    alpha = torch.ones(1, 1, 33, 47)
    pixels[..., :20], alpha[..., :20] = 0, 0  # black, and transparent
    pixels[..., 20:] = torch.tensor([0.2, 0.6, 0.9])[:, None, None]
    filled = bleed(pixels, alpha)
    assert torch.allclose(filled, torch.tensor([0.2, 0.6, 0.9])[:, None, None].expand_as(filled), atol=1e-6)


def test_visible_pixels_are_not_touched():
    pixels, alpha = torch.rand(1, 3, 20, 20), torch.rand(1, 1, 20, 20).sub(0.5).clamp_min(0)
    filled, visible = bleed(pixels, alpha), (alpha >= 1 / 255).expand(-1, 3, -1, -1)
    assert torch.equal(filled[visible], pixels[visible])
    assert not torch.equal(filled, pixels)


def test_each_hole_takes_the_color_of_its_own_neighbors():
    pixels, alpha = torch.zeros(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    alpha[..., :8], alpha[..., -8:] = 1, 1
    pixels[:, 0, :, :8], pixels[:, 2, :, -8:] = 1, 1  # red on the left, blue on the right
    filled = bleed(pixels, alpha)
    assert filled[0, 0, 32, 10] > 0.9
    assert filled[0, 2, 32, 53] > 0.9
    assert torch.allclose(filled[:, 0] + filled[:, 2], torch.ones(1, 64, 64), atol=1e-5), "a blend: no black between"


def test_what_is_faint_counts_little():
    pixels, alpha = torch.zeros(1, 3, 1, 4), torch.tensor([1.0, 0.01, 0, 0]).reshape(1, 1, 1, 4)
    pixels[..., 0] = 1
    assert bleed(pixels, alpha)[0, 0, 0, 2] > 0.7


def test_opaque_and_invisible_pictures_stay():
    pixels = torch.rand(1, 3, 8, 8)
    assert bleed(pixels, torch.ones(1, 1, 8, 8)) is pixels
    assert bleed(pixels, torch.zeros(1, 1, 8, 8)) is pixels
