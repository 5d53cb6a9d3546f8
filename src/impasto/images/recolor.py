"""Whose colors the result has: what the setting `color` does before and after the painting."""

from collections.abc import Callable, Sequence
from functools import partial, reduce

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.images.packing import unpacked
from impasto.images.strips import pixelwise, strips
from impasto.settings.look import ColorMode

_STRETCH = 2.5
"""Times that colors may vary more than they did after they were matched."""
_ROTATIONS = 16
"""Of the axes along which histograms are matched: the cloud has its shape after about ten."""
_KNOTS = 256
"""Quantiles of a histogram: fewer than colors in a picture, so that noise is not matched."""
_SAME = 1e-6
"""What rounding may put between two colors that are the same, in Oklab."""
_GRAIN = 0.03
"""Oklab lightness by which the grain of a flat area varies; what varies more is an edge, or a stroke."""
_NEIGHBORHOODS = 64
"""Times that a neighborhood of grain reaches, from its middle, into the picture's shorter side."""
_UTMOST = 2
"""Quantiles at either end, half a percent, that are not counted in a picture's range of colors."""
_FLATTEST = 0.3
"""The least that colors are scaled by, to end where they have to: forms should not be lost altogether."""
_LOOKED_AT = 512
"""Rows, and columns, that a picture's range of colors is looked for in, about."""
_BYTES = 180
"""For each pixel, while the picture is given a cloud of colors: it is looked at as a whole, in double precision."""


Part = tuple[Tensor | None, Tensor | None]
"""Where in the picture that is recolored, and where in the one whose colors it takes: (1, 1, H, W) in [0, 1], each of
its picture's size, or None for everywhere."""
ALL: Sequence[Part] = [(None, None)]
"""Everywhere, from everywhere."""
Moments = tuple[Tensor, Tensor]
"""Mean (3,) and covariance (3, 3)."""
Change = Callable[[Tensor], Tensor]
"""Of colors (1, 3, H, W)."""
Numbers = NDArray[np.float64]
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
    return _changed(style, [_linear(style, content, part) for part in parts], parts)


def match_in_range(content: Tensor, style: Tensor, parts: Sequence[Part] = ALL) -> Tensor:
    """The content with the style's colors, as `match` has them, but none beyond the range of the style's.

    Two pictures of the same variance may reach out differently far. What lies beyond white is a hole, in which no form
    is seen and no search finds one again, and colors that the style has none of are garish. So mean and covariance are
    the style's no more where its range is the narrower one.
    """
    return _changed(content, [_within_range(content, style, part) for part in parts], parts)


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


def _linear(picture: Tensor, target: Tensor, part: Part) -> Change:
    """The transport of a part's colors."""
    here, there = part
    return partial(_apply, _transport(_lab_moments(picture, here), _lab_moments(target, there)))


def _within_range(picture: Tensor, target: Tensor, part: Part) -> Change:
    """The same, each channel of Oklab scaled on either side of its middle so that it ends where the target's does."""
    linear = _linear(picture, target, part)
    (seen, here), (wanted, there) = (
        _glanced_at(each, mask) for each, mask in zip((picture, target), part, strict=True)
    )
    least, middle, most = _range(linear(seen), here)
    lowest, _, highest = _range(wanted, there)
    below, above = (
        ((end - middle) / (reached - middle)).nan_to_num(1).clamp(_FLATTEST, 1)
        for end, reached in ((lowest, least), (highest, most))
    )

    def change(colors: Tensor) -> Tensor:
        moved = linear(colors)
        center, less, more = (_like(moved, each) for each in (middle, below, above))
        apart = moved.sub_(center)
        return center + apart * torch.where(apart > 0, more, less)

    return change


def _glanced_at(picture: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Oklab of some of the pixels of a picture, and their part of its mask."""
    down, right = (-(-side // _LOOKED_AT) for side in picture.shape[2:])
    return srgb_to_oklab(picture[:, :, ::down, ::right]), None if mask is None else mask[:, :, ::down, ::right]


def _range(lab: Tensor, mask: Tensor | None) -> Tensor:
    """The least, the middle and the most (3, 3, 1, 1) of each channel of pixels (1, 3, H, W), but for the utmost."""
    knots = _quantiles(lab[0].flatten(1).cpu().double(), mask)
    return knots[:, [_UTMOST, _KNOTS // 2, -1 - _UTMOST]].T[:, :, None, None]


def transport(values: Tensor, target: Tensor, here: Tensor | None = None, there: Tensor | None = None) -> Tensor:
    """`values` moved so that mean and covariance over all pixels are those of `target`. Both (B, 3, H, W).

    The linear map that moves colors least: A = S^-1/2 (S^1/2 T S^1/2)^1/2 S^-1/2 for covariances S and T (F. Pitié and
    A. Kokaram, "The linear Monge-Kantorovitch linear colour mapping", 2007). Departure: no direction is stretched more
    than `_STRETCH` times; where colors hardly vary, what does vary is noise. Pixels count as `here` and `there` weigh
    them, and all are moved.
    """
    return _apply(_transport(_moments(values, here), _moments(target, there)), values)


def _transport(values: Moments, target: Moments) -> tuple[Tensor, Tensor]:
    """The matrix (3, 3) and the shift (3,) of `transport`."""
    mean, covariance = values
    target_mean, target_covariance = target
    root, inverse = _power(covariance, 0.5), _power(covariance, -0.5)
    matrix = _power(inverse @ _power(root @ target_covariance @ root, 0.5) @ inverse, 1, most=_STRETCH)
    return matrix, target_mean - matrix @ mean


def _apply(change: tuple[Tensor, Tensor], values: Tensor) -> Tensor:
    matrix, shift = (_like(values, each) for each in change)
    return torch.einsum("ij,bjhw->bihw", matrix, values) + shift[:, None, None]


def histogram_match(values: Tensor, target: Tensor, here: Tensor | None = None, there: Tensor | None = None) -> Tensor:
    """`values` (1, 3, H, W), each channel mapped so that its histogram is that of `target`; masks as in `transport`."""
    return _matching(values, target, here, there)(values)


def sliced_transport(values: Tensor, target: Tensor, here: Tensor | None = None, there: Tensor | None = None) -> Tensor:
    """`values` (1, 3, H, W) moved until their cloud of colors is that of `target`; masks as in `transport`.

    F. Pitié, A. Kokaram, R. Dahyot, "Automated colour grading using colour distribution transfer", 2007: histograms
    matched along the axes of one random rotation after the other.
    """
    return _moving(values, target, here, there)(values)


def _matching(values: Tensor, target: Tensor, here: Tensor | None, there: Tensor | None) -> Change:
    return _along(values, target, here, there, torch.eye(3, dtype=torch.float64))


def _moving(values: Tensor, target: Tensor, here: Tensor | None, there: Tensor | None) -> Change:
    draw, steps = torch.Generator().manual_seed(0), list[Change]()
    for _ in range(_ROTATIONS):
        axes = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=draw)).Q
        steps.append(_along(values, target, here, there, axes))
        values = steps[-1](values)
    return lambda values: reduce(lambda each, step: step(each), steps, values)


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


def _along(values: Tensor, target: Tensor, here: Tensor | None, there: Tensor | None, axes: Tensor) -> Change:
    """Matches histograms along each of `axes` (3, 3), which are orthonormal rows."""

    def turned(values: Tensor) -> Tensor:
        return torch.einsum("ij,jn->in", axes, values[0].flatten(1).cpu().double())

    quantiles = zip(_quantiles(turned(values), here), _quantiles(turned(target), there), strict=True)
    curves = [_without_ties(known.numpy(), places.numpy()) for known, places in quantiles]

    def change(values: Tensor) -> Tensor:
        moved = [np.interp(each, *curve) for each, curve in zip(turned(values).numpy(), curves, strict=True)]
        back = torch.einsum("ij,in->jn", axes, torch.from_numpy(np.stack(moved)))
        return _like(values, back.view_as(values[0]))[None]

    return change


def _without_ties(known: Numbers, places: Numbers) -> tuple[Numbers, Numbers]:
    """Quantiles (k,), ascending, and where they go, each color once.

    A color that stands for many quantiles, as of paper left white, goes to the mean of their places: at the first of
    them it would lie at the end of what it should be the middle of, and the picture be as much darker.
    """
    number = np.append(0, (np.diff(known) > _SAME).cumsum())
    count = np.bincount(number)
    return np.bincount(number, known) / count, np.bincount(number, places) / count


def _quantiles(values: Tensor, mask: Tensor | None) -> Tensor:
    """Quantiles (3, k), ascending, of each row of `values` (3, n), counted by `mask` (1, 1, H, W).

    The least and the largest value are among them: a small, bright spot is as far out as that.
    """
    numbers = values.numpy()  # NumPy sorts in a fraction of the time that torch takes
    if mask is None:
        ordered = torch.from_numpy(np.sort(numbers))
        filled = torch.arange(1, values.shape[1] + 1, dtype=torch.float64)[None]
    else:
        order = torch.from_numpy(np.argsort(numbers))
        ordered, filled = values.gather(1, order), mask.flatten().cpu().double()[order].cumsum(1)
    marks = torch.cat([torch.tensor([0.0]), (torch.arange(_KNOTS) + 0.5) / _KNOTS, torch.tensor([1.0])])
    # What counts for nothing comes before the first mark, and is no part of it.
    chosen = torch.searchsorted(filled, (marks * filled[:, -1:]).clamp_min(1e-12)).clamp_max(values.shape[1] - 1)
    return ordered.gather(1, chosen.expand(len(values), -1))


def _shared(changed: Sequence[Tensor], values: Tensor, masks: Sequence[Tensor | None]) -> Tensor:
    """What each part was `changed` to, where its mask says; `values` where none does."""
    total, moved = torch.zeros_like(values[:, :1]), torch.zeros_like(values)
    for part, mask in zip(changed, masks, strict=True):
        weight = torch.ones_like(total) if mask is None else mask.to(values)
        moved = moved + weight * part
        total = total + weight
    # Several parts may be painted from the same one: they share it.
    return moved / total.clamp_min(1) + (1 - total).clamp_min(0) * values


def _lab_moments(picture: Tensor, mask: Tensor | None) -> Moments:
    return _moments(picture, mask, srgb_to_oklab)


def _moments(picture: Tensor, mask: Tensor | None, space: Callable[[Tensor], Tensor] = Tensor.detach) -> Moments:
    """Mean (3,) and covariance (3, 3) of pixels, as `space` has them; float64 on the CPU: not every device has that."""
    sums = torch.zeros(4, 4, dtype=torch.float64)
    for rows in strips(*picture.shape[2:]):
        colors = space(picture[:, :, rows]).transpose(0, 1).flatten(1).cpu().double()  # (3, B*h*W)
        weights = torch.ones(colors.shape[1]) if mask is None else mask[:, :, rows].flatten().cpu()
        seen = torch.cat([colors, torch.ones_like(colors[:1])])
        sums += (seen * weights.double()) @ seen.T
    moments = sums / sums[3, 3].clamp_min(1e-12)
    mean = moments[:3, 3]
    return mean, moments[:3, :3] - mean[:, None] * mean


def _like(values: Tensor, other: Tensor) -> Tensor:
    return other.to(values.dtype).to(values.device)


def _power(symmetric: Tensor, exponent: float, most: float = float("inf")) -> Tensor:
    """A power of a symmetric positive matrix; the eigenvalues of the result are held at `most` or below."""
    values, vectors = torch.linalg.eigh(symmetric)
    powers = (values.clamp_min(1e-12) ** exponent).clamp_max(most)
    power: Tensor = vectors @ torch.diag(powers) @ vectors.T
    return power


_CLOUDS: dict[ColorMode, Callable[..., Change]] = {"histogram": _matching, "transport": _moving}
"""Modes that give the painted picture the photo's whole cloud of colors."""
