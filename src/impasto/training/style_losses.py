"""What a network that paints is trained to make small: content and style, as optimization has them, in shares."""

from collections.abc import Mapping

import torch
from torch import Tensor

from impasto.losses import gram_matrix
from impasto.networks import FeatureNetwork
from impasto.training.artifacts import artifacts

STYLE_LAYERS = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0, "relu4_1": 1.0}
"""What each layer counts in style, among the others."""
_CONTENT_LAYER = "relu4_1"


def style_losses(
    painted: Tensor,
    photos: Tensor,
    styles: Tensor,
    judge: FeatureNetwork,
    layers: Mapping[str, float] = STYLE_LAYERS,
) -> dict[str, Tensor]:
    """By name, each (B,): `content`, `style` and `chroma` as optimization has them, `copy`, and all `artifacts`."""
    with torch.no_grad():
        content = judge(photos, [_CONTENT_LAYER])[_CONTENT_LAYER].float()
        grams = {layer: gram_matrix(seen) for layer, seen in judge(styles, [*layers]).items()}
    seen = judge(painted, list(dict.fromkeys([*layers, _CONTENT_LAYER])))
    style = [layers[layer] * _apart(gram_matrix(seen[layer]), wanted) for layer, wanted in grams.items()]
    reached = seen[_CONTENT_LAYER].float()
    own, *others = map(_gray_and_colors, (painted, photos, styles))
    colors = own[:, 1:]
    return {
        "content": (reached - content).square().mean((1, 2, 3)) / content.square().mean((1, 2, 3)),
        "style": torch.stack(style).sum(0) / sum(layers.values()),
        "chroma": colors.diff(dim=2).square().mean((1, 2, 3)) + colors.diff(dim=3).square().mean((1, 2, 3)),
        "copy": (painted - photos).abs().mean((1, 2, 3)),
        **artifacts(own, *others),
    }


def _gray_and_colors(pictures: Tensor) -> Tensor:
    """(B, 3, H, W): gray, and two differences of color, red to green and blue to yellow."""
    red, green, blue = pictures.unbind(1)
    return torch.stack([pictures.mean(1), red - green, blue - pictures[:, :2].mean(1)], 1)


def _apart(gram: Tensor, wanted: Tensor) -> Tensor:
    """The squared distance (B,) of Gram matrices (B, C, C), as a share of their size: of both of them.

    Of what is wanted alone it would be without bounds, and the pictures that are worst, as when training begins, would
    drown all others (after J. Cheng et al. 2021, "Style-Aware Normalized Loss").
    """
    size = (wanted.square().sum((1, 2)) + gram.detach().square().sum((1, 2))) / 2
    return (gram - wanted).square().sum((1, 2)) / size.clamp_min(1e-8)
