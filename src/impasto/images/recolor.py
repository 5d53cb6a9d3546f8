"""Whose colors the result has: what the setting `color` does before and after the painting."""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.settings.look import ColorMode

_STRETCH = 2.5
"""Times that colors may vary more than they did after they were matched."""


def before(mode: ColorMode, content: Tensor, styles: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Content and styles as the painting should see them. Pixels (B, 3, H, W), sRGB in [0, 1], each of its own size."""
    if mode == "match":
        return content, [match(style, content) for style in styles]
    if mode == "gray":
        return to_gray(content), [to_gray(style) for style in styles]
    return content, list(styles)


def after(mode: ColorMode, painted: Tensor, content: Tensor) -> Tensor:
    """The painted pixels with the colors that the mode promises. All (B, 3, H, W), sRGB in [0, 1], of one size."""
    if mode == "content":
        return luminance_transfer(painted, content)
    if mode == "gray":
        return to_gray(painted)
    return painted


def luminance_transfer(painted: Tensor, photo: Tensor) -> Tensor:
    """Lightness of `painted`, hue and chroma of `photo`, less chroma where sRGB cannot show it at that lightness.

    After L. Gatys et al., "Preserving Color in Neural Artistic Style Transfer", 2016, section 3.2, in Oklab, not YIQ.
    """
    return oklab_to_srgb(torch.cat([srgb_to_oklab(painted)[:, :1], srgb_to_oklab(photo)[:, 1:]], dim=1))


def to_gray(pixels: Tensor) -> Tensor:
    """The gray of the same Oklab lightness, in three equal channels."""
    lightness = srgb_to_oklab(pixels)[:, :1]
    gray = oklab_to_srgb(torch.cat([lightness, torch.zeros_like(pixels[:, 1:])], dim=1))
    return gray.mean(dim=1, keepdim=True).expand_as(pixels).contiguous()


def match(style: Tensor, content: Tensor) -> Tensor:
    """The style with the content's colors: their mean and covariance in Oklab, then brought into what sRGB shows."""
    return oklab_to_srgb(transport(srgb_to_oklab(style), srgb_to_oklab(content)))


def transport(values: Tensor, target: Tensor) -> Tensor:
    """`values` moved so that mean and covariance over all pixels are those of `target`. Both (B, 3, H, W).

    The linear map that moves colors least: A = S^-1/2 (S^1/2 T S^1/2)^1/2 S^-1/2 for covariances S and T (F. Pitié and
    A. Kokaram, "The linear Monge-Kantorovitch linear colour mapping", 2007). Departure: no direction is stretched more
    than `_STRETCH` times; where colors hardly vary, what does vary is noise.
    """
    mean, covariance = _moments(values)
    target_mean, target_covariance = _moments(target)
    root, inverse = _power(covariance, 0.5), _power(covariance, -0.5)
    matrix = _power(inverse @ _power(root @ target_covariance @ root, 0.5) @ inverse, 1, most=_STRETCH)
    shift = target_mean - matrix @ mean
    return torch.einsum("ij,bjhw->bihw", _like(values, matrix), values) + _like(values, shift)[:, None, None]


def _moments(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3,) and covariance (3, 3) of all pixels, float64 on the CPU: not every device has that precision."""
    colors = picture.transpose(0, 1).flatten(1).cpu().double()  # (3, B*H*W)
    return colors.mean(dim=1), torch.cov(colors, correction=0)


def _like(values: Tensor, other: Tensor) -> Tensor:
    return other.to(values.dtype).to(values.device)


def _power(symmetric: Tensor, exponent: float, most: float = float("inf")) -> Tensor:
    """A power of a symmetric positive matrix; the eigenvalues of the result are held at `most` or below."""
    values, vectors = torch.linalg.eigh(symmetric)
    powers = (values.clamp_min(1e-12) ** exponent).clamp_max(most)
    power: Tensor = vectors @ torch.diag(powers) @ vectors.T
    return power
