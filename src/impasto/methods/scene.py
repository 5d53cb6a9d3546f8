"""What a picture is painted from: pictures read, masks found, colors matched."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

import torch
from torch import Tensor

from impasto.engine.regions import Region, own_parts, parts, untouched_outside
from impasto.errors import SettingsError
from impasto.images import Picture, PictureLike, read, recolor
from impasto.images.packing import packed, packed_if_large, unpacked
from impasto.images.reading import read_again
from impasto.images.resize import fit, resize, resized_packed, same_area, scaled, size_of
from impasto.methods.masks import regions_to_paint
from impasto.networks import FeatureNetwork
from impasto.settings import StylizeSettings
from impasto.settings.look import parse_weights
from impasto.settings.size import parse_scales

Check = Callable[[tuple[int, int]], object]
"""Raises `DeviceError` where a picture of (height, width) does not fit into memory."""

_LEAST = 32
"""Side in pixels of the smallest picture of a smaller scene."""


@dataclass(frozen=True)
class Workshop:
    """Where a scene is set: who finds its regions there, and which sizes there is room for."""

    network: Callable[[], FeatureNetwork]
    """On the device; asked for where regions have to be found."""
    device: torch.device
    check: Check
    """Of the result..."""
    check_style: Check
    """...and of a style: told of sizes when they are known, before a pixel is decoded."""
    light: Callable[["Scene"], "Scene"]
    """What is done to the light of the styles of a scene that is set."""


@dataclass(frozen=True)
class Scene:
    """What a picture is painted from.

    Its pictures are packed: they wait for most of the time, and very large ones take much memory.
    """

    photo: Picture = field(repr=False)
    """(1, 3, H, W), packed."""
    content: Tensor = field(repr=False)
    """The photo in the colors in which the painting should see it, (1, 3, H, W), packed."""
    styles: Mapping[int, Tensor] = field(repr=False)
    """By number, each (1, 3, h, w), packed, in the colors in which the painting should see it; one that is known by
    numbers alone has none."""
    sides: Sequence[float]
    """Of the styles, as they should be seen: of a square of their area, in pixels."""
    shares: Sequence[float]
    """Of the styles; together 1."""
    regions: Sequence[Region]
    settings: StylizeSettings
    scale: float = 1.0
    """Of the painting, to the result."""
    light_left: Mapping[int, float] = field(default_factory=dict)
    """What is still to be left of the broad light of each style, by number; all where it is not there."""

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the result."""
        return self.photo.shape

    def at(self, scale: float) -> "Scene":
        """The same for a painting of another size; the photo and the styles stay as large as they are."""
        sides = [scale * side for side in self.sides]
        return replace(self, content=packed_at(self.content, scale), sides=sides, scale=scale * self.scale)

    def finished(self, painted: Tensor) -> Tensor:
        """The painting (1, 3, h, w), of any size, with the colors and the untouched parts that the settings promise.

        What is packed stays so where nothing has to be done.
        """
        if recolor.is_done_before(self.settings.color) and not any(region.here for region in self.regions):
            return painted.cpu()
        shape = size_of(painted)
        small = resize(self.photo.pixels, shape)
        own = own_parts(self.regions, shape)
        colored = recolor.after(self.settings.color, unpacked(painted.cpu()), small, own)
        return untouched_outside(self.regions, colored, small)


def packed_at(picture: Tensor, scale: float) -> Tensor:
    """A picture (1, 3, H, W), packed, for a painting of another size; one of this size is the same one."""
    if scale == 1:
        return picture
    height, width = (max(_LEAST, side) for side in scaled(picture.shape[2:], scale))
    return resized_packed(picture, (height, width))


def set_scene(
    content: PictureLike,
    styles: Sequence[PictureLike | None],
    settings: StylizeSettings,
    workshop: Workshop,
) -> Scene:
    """What the settings make of `content` and `styles`, each a picture as `images.read` takes it, or None.

    None stands for a style that is known by numbers alone; what needs its picture raises `SettingsError`. Raises
    `ImpastoError` for pictures, masks and sizes that cannot be had.
    """
    shares = shares_of(settings.style_weights, len(styles))
    photo = _read_content(content, settings, workshop.check)
    sides = [sqrt(photo.shape[0] * photo.shape[1]) * scale for scale in _scales(settings.style_scale, len(styles))]
    models = {
        number: _read_style(style, sides[number], settings, workshop.check_style)
        for number, style in enumerate(styles)
        if style is not None
    }
    if len(models) < len(styles) and settings.color == "match":
        raise SettingsError(
            "color: match needs the pictures of the styles, and a style in numbers has none. "
            "Give its picture, or choose --color content."
        )
    regions = regions_to_paint(settings, shares, photo, models, workshop.network, workshop.device)
    belonging = [[(there, here) for here, there in parts(regions, number)] for number in models]
    pictures = [model.pixels for model in models.values()]
    canvas, colored = recolor.before(settings.color, photo.pixels, pictures, belonging)
    waiting, seen = both_packed(photo, canvas)
    looks = {number: packed(look) for number, look in zip(models, colored, strict=True)}
    return Scene(waiting, seen, looks, sides, shares, regions, settings)


def both_packed(photo: Picture, seen: Tensor) -> tuple[Picture, Tensor]:
    """A photo and what the painting should see of it (1, 3, H, W), packed: once where they are the same."""
    waiting = replace(photo, pixels=packed(photo.pixels))
    return waiting, waiting.pixels if seen is photo.pixels else packed(seen)


def shares_of(weights: str, styles: int) -> list[float]:
    """The weight of each style; together 1. Raises `SettingsError` where there are not as many as styles."""
    chosen = parse_weights(weights) or (1.0,) * styles
    if len(chosen) != styles:
        raise SettingsError(f"style-weights: one for each style, please: {len(chosen)} given, {styles} needed.")
    largest = max(chosen)  # the sum alone can be more than there are numbers
    total = sum(weight / largest for weight in chosen)
    return [weight / largest / total for weight in chosen]


def _scales(text: str, styles: int) -> list[float]:
    """The scale of each style. Raises `SettingsError` where there are neither one nor as many as styles."""
    scales = parse_scales(text)
    if len(scales) not in (1, styles):
        raise SettingsError(f"style-scale: one for all, or one for each style: {len(scales)} given, {styles} needed.")
    return list(scales) * (styles if len(scales) == 1 else 1)


def _read_content(content: PictureLike, settings: StylizeSettings, check: Check) -> Picture:
    """The content at the size of the result."""

    def size(height: int, width: int) -> tuple[int, int]:
        wanted = (height, width) if settings.size == "original" else fit(height, width, settings.size)
        check(wanted)
        return wanted

    return _waiting(read(content, settings, size))


def _read_style(style: PictureLike, side: float, settings: StylizeSettings, check: Check) -> Picture:
    """The style in its own shape, with the area of a square of that side."""

    def size(height: int, width: int) -> tuple[int, int]:
        wanted = same_area(height, width, side)
        check(wanted)
        return wanted

    return _waiting(read_again(style, settings, size))


def _waiting(picture: Picture) -> Picture:
    """A picture that is very large waits packed from the first moment."""
    return replace(picture, pixels=packed_if_large(picture.pixels))
