"""A small picture, and a VGG-16 of random weights to be written in every layout."""

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.networks.vgg import VGG16, convolutions


@pytest.fixture(scope="session")
def picture() -> Tensor:
    """(1, 3, 32, 40) in [0, 1]: smooth ramps with noise on them."""
    y, x = np.mgrid[0:32, 0:40] / 40
    ramps = np.stack([x, y, (x + y) / 2])
    noise = np.random.default_rng(0).uniform(0, 0.2, ramps.shape)
    return torch.from_numpy((0.8 * ramps + noise)[None]).float()


@pytest.fixture(scope="session")
def vgg16_weights() -> dict[str, Tensor]:
    """Weights of VGG-16's shapes by our names, scaled so that features neither vanish nor grow."""
    generator = torch.Generator().manual_seed(0)
    weights = {}
    for convolution in convolutions(VGG16):
        out, into, height, width = convolution.shape
        scale = (2 / (into * height * width)) ** 0.5
        weights[f"{convolution.name}.weight"] = torch.randn(convolution.shape, generator=generator) * scale
        weights[f"{convolution.name}.bias"] = torch.randn(out, generator=generator) * 0.1
    return weights
