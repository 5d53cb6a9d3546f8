"""The masks that the settings name, read at the sizes of the pictures that they belong to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from impasto.engine.faces import faces
from impasto.engine.mask import Mask
from impasto.engine.regions import Region, regions, whole
from impasto.engine.segmentation import find_regions
from impasto.errors import SettingsError
from impasto.images import Picture
from impasto.images.regions import read_regions, resized_mask
from impasto.images.resize import fit, resize
from impasto.networks import FeatureNetwork
from impasto.settings import StylizeSettings
from impasto.settings.regions import COLORS

Shape = tuple[int, int]

_SEEN_AT = 384
"""Longer side in pixels at which regions are looked for: finer ones would be brush strokes."""
_MOST = 0.3
"""Share of a style that its faces may have to be left out: of one that is little else they are the style."""


class NothingThereError(SettingsError):
    """A mask in which nothing is light, which is a mistake for a picture, and none for a frame of a film."""


def regions_to_paint(
    settings: StylizeSettings,
    shares: Sequence[float],
    photo: Picture,
    models: Mapping[int, Picture],
    network: Callable[[], FeatureNetwork],
    device: torch.device,
) -> list[Region]:
    """The regions that `mask` and `style_mask` make of a photo and styles; without them, one of all.

    `models` are the pictures of those styles that have one, by number. `network`, which is on `device` once it is asked
    for, finds regions where `mask` says so. Raises `NothingThereError` where they leave nothing to paint,
    `SettingsError` where they do not fit together, `ImageError` for a mask that cannot be read.
    """
    if not settings.mask:
        if settings.style_mask:
            raise SettingsError("style-mask: it needs a --mask, which says where its regions are in the photo.")
        return whole(shares)
    if len(models) < len(shares) and settings.mask == "auto":
        raise SettingsError("mask: parts of styles are found in their pictures, and a style in numbers has none.")
    if settings.mask == "auto":
        if settings.style_mask:
            raise SettingsError("style-mask: with --mask auto the styles' regions are found as well. Leave one out.")
        return regions(shares, *_found(photo, [*models.values()], network(), device))
    if len(settings.style_mask) not in (0, len(shares)):
        given = len(settings.style_mask)
        raise SettingsError(
            "style-mask: one for each style, please, each with the flag before it: "
            f"{given} given, {len(shares)} needed."
        )
    content = read_regions(settings.mask, settings, photo.shape)
    styles = [_of_style(mask, models.get(number), settings) for number, mask in enumerate(settings.style_mask)]
    if not styles and not content.keys() <= {"black", "white"}:
        raise SettingsError(
            f"mask: it has the regions {_words(content)}, and no --style-mask says what to paint them from. Give one "
            "for each style: a file, or the color that it is for. Or give a gray mask."
        )
    found = regions(shares, content, styles)
    if not found:
        theirs = f", and those of the styles {_words(*styles)}" if styles else ""
        raise NothingThereError(f"mask: nothing would be painted. Its regions are {_words(content)}{theirs}.")
    return found


def _of_style(mask: str, model: Picture | None, settings: StylizeSettings) -> Mapping[str, Tensor | None]:
    """The map of a style, of which `model` is the picture; a color stands for all of it."""
    if mask in COLORS:
        return {mask: None}
    if not model:
        raise SettingsError(
            f"style-mask: {mask!r} is for a picture, and a style in numbers has none. Give the color that all of it is "
            f"for: {', '.join(COLORS)}."
        )
    if not Path(mask).suffix and not Path(mask).exists():
        raise SettingsError(f"style-mask: {mask!r} is neither a file nor one of the colors {', '.join(COLORS)}.")
    return read_regions(mask, settings, model.shape)


def protected_part(settings: StylizeSettings, photo: Picture) -> Mask | None:
    """Where the setting `protect` keeps the photo, (1, 1, H, W); None for nowhere.

    Raises `NothingThereError` for a mask in which nothing is light.
    """
    if not settings.protect:
        return None
    if settings.protect == "faces":
        found = faces(photo.pixels)
        return Mask(found) if found.any() else None
    parts = read_regions(settings.protect, settings, photo.shape)
    light = [where for name, where in parts.items() if name != "black"]
    if not light:
        raise NothingThereError(f"protect: nothing is light in {settings.protect!r}. Paint white what is to be kept.")
    return Mask(torch.stack(light).sum(0).clamp_max(1))  # each was resized, and so rounded, by itself


def without_faces(regions: Sequence[Region], styles: Mapping[int, Tensor]) -> list[Region]:
    """The regions, painted from all of the styles (1, 3, h, w), by number, but the faces in them.

    What networks know of a face they paint even where the photo has none, as eyes in the sky. Parts of styles that
    somebody chose stay what they are.
    """
    whole = {number for region in regions for number, there in enumerate(region.there) if there is None}
    rest = {number: _but_faces(styles[number]) for number in whole}
    return [
        replace(region, there=[each or rest[number] for number, each in enumerate(region.there)]) for region in regions
    ]


def _but_faces(style: Tensor) -> Mask | None:
    found = faces(style)
    return Mask(1 - found) if 0 < found.mean() <= _MOST else None


def _found(
    photo: Picture, models: Sequence[Picture], network: FeatureNetwork, device: torch.device
) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
    """Maps as `read_regions` gives them, by clustering features."""
    layer = network.spec.content_layers[-1]

    def seen(picture: Picture) -> Tensor:
        side = max(_SEEN_AT, network.spec.smallest_size[layer] * max(picture.shape) // min(picture.shape) + 1)
        with torch.no_grad():
            return network(resize(picture.pixels, fit(*picture.shape, side)).to(device), [layer])[layer].float().cpu()

    content, styles = find_regions(seen(photo), [seen(model) for model in models])
    return _enlarged(content, photo.shape), [
        _enlarged(style, model.shape) for style, model in zip(styles, models, strict=True)
    ]


def _enlarged(regions: Mapping[str, Tensor], shape: Shape) -> dict[str, Tensor]:
    """Masks at the picture's shape, with edges as soft as the features are coarse."""
    return {name: resized_mask(mask, shape) for name, mask in regions.items()}


def _words(*maps: Mapping[str, Tensor | None]) -> str:
    return ", ".join(dict.fromkeys(name for each in maps for name in each))
