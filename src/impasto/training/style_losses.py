"""What a network that paints is trained to make small: content and style, as optimization has them, in shares."""

from functools import cache

import torch
from torch import Tensor

from impasto.evaluation.noise import Bands, fine_bands, fine_energy
from impasto.losses import gram_matrix
from impasto.networks import FeatureNetwork

_STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
_CONTENT_LAYER = "relu4_1"
_BANDS = 15
"""Of fine frequencies: all there are."""
_UNSEEN = 256.0**-2
"""Variance of fine detail that nobody sees: where a picture is flat, nothing must be."""


def style_losses(painted: Tensor, photos: Tensor, styles: Tensor, judge: FeatureNetwork) -> dict[str, Tensor]:
    """By name, each (B,): `content`, `style` and `chroma` as optimization has them, `copy`, and `grain`.

    The latter is the share of fine detail that neither picture has, from 0 to 1: features hardly see a grid of two
    pixels, people do.
    """
    with torch.no_grad():
        content = judge(photos, [_CONTENT_LAYER])[_CONTENT_LAYER].float()
        grams = {layer: gram_matrix(seen) for layer, seen in judge(styles, _STYLE_LAYERS).items()}
    seen = judge(painted, list(dict.fromkeys([*_STYLE_LAYERS, _CONTENT_LAYER])))
    style = [_apart(gram_matrix(seen[layer]), wanted) for layer, wanted in grams.items()]
    reached = seen[_CONTENT_LAYER].float()
    own, *others = map(_gray_and_colors, (painted, photos, styles))
    colors, grain, allowed = own[:, 1:], _fine(own), torch.maximum(*map(_fine, others))
    return {
        "content": (reached - content).square().mean((1, 2, 3)) / content.square().mean((1, 2, 3)),
        "style": torch.stack(style).mean(0),
        "chroma": colors.diff(dim=2).square().mean((1, 2, 3)) + colors.diff(dim=3).square().mean((1, 2, 3)),
        "copy": (painted - photos).abs().mean((1, 2, 3)),
        "grain": ((grain - allowed).clamp_min(0) / (grain + allowed + _UNSEEN)).mean((1, 2)),
    }


def _gray_and_colors(pictures: Tensor) -> Tensor:
    """(B, 3, H, W): gray, and two differences of color, red to green and blue to yellow."""
    red, green, blue = pictures.unbind(1)
    return torch.stack([pictures.mean(1), red - green, blue - pictures[:, :2].mean(1)], 1)


def _fine(channels: Tensor) -> Tensor:
    """Energy of fine detail, in every channel and band."""
    bands = _kept_bands(channels.shape[2], channels.shape[3], channels.dtype, channels.device)
    return fine_energy(channels, bands)


@cache
def _kept_bands(height: int, width: int, dtype: torch.dtype, device: torch.device) -> Bands:
    """Kept: while work for a graphics card is captured, nothing can be brought there."""
    with torch.inference_mode(False):  # whoever asks first, they are learned with
        return fine_bands(height, width, _BANDS, dtype, device)


def _apart(gram: Tensor, wanted: Tensor) -> Tensor:
    """The squared distance (B,) of Gram matrices (B, C, C), as a share of their size: of both of them.

    Of what is wanted alone it would be without bounds, and the pictures that are worst, as when training begins, would
    drown all others (after J. Cheng et al. 2021, "Style-Aware Normalized Loss").
    """
    size = (wanted.square().sum((1, 2)) + gram.detach().square().sum((1, 2))) / 2
    return (gram - wanted).square().sum((1, 2)) / size.clamp_min(1e-8)
