"""Whose colors the result has: what the setting `color` does before and after the painting."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.images import color_matching
from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.images.color_matching import Change
from impasto.images.packing import unpacked
from impasto.images.strips import pixelwise, strips
from impasto.settings.look import ColorMode

_GRAIN = 0.03
"""Oklab lightness by which the grain of a flat area varies; what varies more is an edge, or a stroke."""
_NEIGHBORHOODS = 64
"""Times that a neighborhood of grain reaches, from its middle, into the picture's shorter side."""
_BYTES = 180
"""For each pixel, while the picture is given a cloud of colors: it is looked at as a whole, in double precision."""


Part = tuple[Tensor | None, Tensor | None]
"""Where in the picture that is recolored, and where in the one whose colors it takes: (1, 1, H, W) in [0, 1], each of
its picture's size, or None for everywhere."""
ALL: Sequence[Part] = [(None, None)]
"""Everywhere, from everywhere."""
After = Callable[[Tensor, Tensor, Sequence[Part]], Tensor]
"""What is done to painted pixels, their content, and parts that are as many as there were when it was learned."""


def before(
    mode: ColorMode, content: Tensor, styles: Sequence[Tensor], parts: Sequence[Sequence[Part]] = ()
) -> tuple[Tensor, list[Tensor]]:
    """Content and styles as the painting should see them.

    Pixels (B, 3, H, W), sRGB in [0, 1] or packed, each of its own size.
    `parts` tell for each style which part of it belongs to which of the content.
    """
    if mode == "match":
        parts = parts or [ALL] * len(styles)
        aim = unpacked(content)
        return content, [match(unpacked(style), aim, part) for style, part in zip(styles, parts, strict=True)]
    if mode == "gray":
        return to_gray(unpacked(content)), [to_gray(unpacked(style)) for style in styles]
    return content, list(styles)


def is_done_before(mode: ColorMode) -> bool:
    """Whether `after` has nothing to do."""
    return mode in ("style", "match")


def is_learned(mode: ColorMode) -> bool:
    """Whether what `learned` gives depends on the painting that it is given."""
    return mode in _CLOUDS


def bytes_of(mode: ColorMode) -> int:
    """What `after` takes of memory for each pixel at its most, beside the pictures that it is given and gives."""
    return _BYTES if mode in _CLOUDS else 0


def after(mode: ColorMode, painted: Tensor, content: Tensor, parts: Sequence[Part] = ALL) -> Tensor:
    """The painted pixels with the colors that the mode promises. All (1, 3, H, W), sRGB in [0, 1], of one size."""
    return learned(mode, painted, content, parts)(painted, content, parts)


def learned(mode: ColorMode, painted: Tensor, content: Tensor, parts: Sequence[Part] = ALL) -> After:
    """What `after` does to these pixels, to be done to others as well: all frames of a shot take one change."""
    if mode == "content":
        return lambda painted, content, parts: luminance_transfer(painted, content)
    if mode == "gray":
        return lambda painted, content, parts: to_gray(painted)
    if mode not in _CLOUDS:
        return lambda painted, content, parts: painted
    lab, wanted = srgb_to_oklab(painted), srgb_to_oklab(content)
    changes = [_CLOUDS[mode](lab, wanted, here, there) for here, there in parts]
    return lambda painted, content, parts: regrained(_changed(painted, changes, parts), painted)


def luminance_transfer(painted: Tensor, photo: Tensor) -> Tensor:
    """Lightness of `painted`, hue and chroma of `photo`, less chroma where sRGB cannot show it at that lightness.

    After L. Gatys et al., "Preserving Color in Neural Artistic Style Transfer", 2016, section 3.2, in Oklab, not YIQ.
    """
    result = torch.empty_like(painted)
    for rows in strips(*painted.shape[2:]):
        light, hue = (srgb_to_oklab(each[:, :, rows]) for each in (painted, photo))
        result[:, :, rows] = oklab_to_srgb(torch.cat([light[:, :1], hue[:, 1:]], dim=1))
    return result


@pixelwise
def to_gray(pixels: Tensor) -> Tensor:
    """The gray of the same Oklab lightness, in three equal channels."""
    lightness = srgb_to_oklab(pixels)[:, :1]
    gray = oklab_to_srgb(torch.cat([lightness, torch.zeros_like(pixels[:, 1:])], dim=1))
    return gray.mean(dim=1, keepdim=True).expand_as(pixels).contiguous()


def match(style: Tensor, content: Tensor, parts: Sequence[Part] = ALL) -> Tensor:
    """The style with the content's colors: their mean and covariance in Oklab, then brought into what sRGB shows."""
    return _changed(style, [color_matching.linear(style, content, *part) for part in parts], parts)


def match_in_range(content: Tensor, style: Tensor, parts: Sequence[Part] = ALL) -> Tensor:
    """The content with the style's colors, as `match` has them, but none beyond the range of the style's.

    Two pictures of the same variance may reach out differently far. What lies beyond white is a hole, in which no form
    is seen and no search finds one again, and colors that the style has none of are garish. So mean and covariance are
    the style's no more where its range is the narrower one.
    """
    return _changed(content, [color_matching.linear_in_range(content, style, *part) for part in parts], parts)


def _changed(picture: Tensor, changes: Sequence[Change], parts: Sequence[Part]) -> Tensor:
    """The pixels with a change in Oklab for each part by itself, faded where parts meet; what is in no part stays.

    A few rows at a time: a very large picture is never there a second time in Oklab.
    """
    result = torch.empty_like(picture)
    for rows in strips(*picture.shape[2:]):
        masks = [None if here is None else here[:, :, rows] for here, _ in parts]
        colors = srgb_to_oklab(picture[:, :, rows])
        result[:, :, rows] = oklab_to_srgb(_shared([change(colors) for change in changes], colors, masks))
    return result


def regrained(moved: Tensor, values: Tensor) -> Tensor:
    """`moved` with the grain of `values`, of which it is a recolored copy: both (1, 3, H, W), sRGB in [0, 1].

    A curve that stretches the few shades of a flat area to many makes its grain coarse noise (Pitié et al. 2007,
    section 4). So the change of color is kept as a function of lightness that is straight in each neighborhood: a
    guided filter (K. He, J. Sun, X. Tang, "Guided Image Filtering", 2013), which keeps edges and smooths the rest.
    """
    guide = srgb_to_oklab(values)
    light, change = guide[:, :1], srgb_to_oklab(moved) - guide
    mean, offset = _around(light), _around(change)
    slope = (_around(light * change) - mean * offset) / (_around(light * light) - mean * mean + _GRAIN**2)
    smooth = _around(slope) * light + _around(offset - slope * mean)
    return oklab_to_srgb(guide + smooth)


def _around(values: Tensor) -> Tensor:
    """The mean of each pixel's square neighborhood, by rows, then by columns: time goes by its side, not its area."""
    reach = max(1, min(values.shape[2:]) // _NEIGHBORHOODS)
    side = 2 * reach + 1
    rows = F.avg_pool2d(values, (1, side), stride=1, padding=(0, reach), count_include_pad=False)
    return F.avg_pool2d(rows, (side, 1), stride=1, padding=(reach, 0), count_include_pad=False)


def _shared(changed: Sequence[Tensor], values: Tensor, masks: Sequence[Tensor | None]) -> Tensor:
    """What each part was `changed` to, where its mask says; `values` where none does."""
    total, moved = torch.zeros_like(values[:, :1]), torch.zeros_like(values)
    for part, mask in zip(changed, masks, strict=True):
        weight = torch.ones_like(total) if mask is None else mask.to(values)
        moved = moved + weight * part
        total = total + weight
    # Several parts may be painted from the same one: they share it.
    return moved / total.clamp_min(1) + (1 - total).clamp_min(0) * values


_CLOUDS: dict[ColorMode, Callable[..., Change]] = {
    "histogram": color_matching.histograms,
    "transport": color_matching.cloud,
}
"""Modes that give the painted picture the photo's whole cloud of colors."""
