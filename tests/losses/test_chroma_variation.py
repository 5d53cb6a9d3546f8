import torch
from torch.autograd import gradcheck

from impasto.losses import chroma_variation


def test_by_hand():
    image = torch.tensor([[0.5, 0.0], [0.25, 0.25], [0.75, 0.5]]).view(1, 3, 1, 2)
    # red - green goes from 0.25 to -0.25, blue - yellow from 0.375 to 0.375
    assert chroma_variation(image).item() == (0.25 + 0) / 2


def test_light_and_dark_do_not_count():
    gray = torch.rand(1, 1, 6, 7).expand(1, 3, -1, -1)
    assert chroma_variation(gray).item() < 1e-12


def test_it_does_not_matter_how_light_a_color_is():
    noise = torch.rand(1, 1, 6, 7) * torch.tensor([0.2, -0.1, 0.05]).view(1, 3, 1, 1)
    assert torch.isclose(chroma_variation(0.3 + noise), chroma_variation(0.6 + noise))


def test_gradients():
    assert gradcheck(chroma_variation, torch.rand(1, 3, 4, 5, dtype=torch.float64, requires_grad=True))
