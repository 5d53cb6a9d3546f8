"""What a network that paints in one pass knows of a style: of its picture, or of numbers in a file."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import sqrt

import torch

from impasto.engine.looks import (
    Look,
    from_vector,
    light_vector,
    lights_from_vector,
    size_of_a_light,
    size_of_a_look,
    vector,
    with_less_light,
)
from impasto.errors import ImageError, SettingsError
from impasto.images import PictureLike, read
from impasto.images.light import light_of
from impasto.images.packing import packed
from impasto.images.reading import SMALLEST
from impasto.images.resize import same_area
from impasto.methods.seen import Seen
from impasto.networks.adaptation import Adaptation, adapted
from impasto.networks.feedforward import LEVELS, FeedForward
from impasto.networks.style_file import SavedStyle, load_style
from impasto.settings import SizeSettings
from impasto.styles import file_of

SIDES = (128, 256, 512, 1024)
"""Of squares of the areas at which a style is seen; the largest ones only of a picture that has as many pixels."""

_USUAL = 512
"""The one of them that a style has to be known at where there is to be one hand for all sizes."""


def saved_style(painter: FeedForward, style: PictureLike) -> SavedStyle | None:
    """What is in the file that `style` means; None where it means a picture.

    Raises `WeightsError` for a file that is none of this network's.
    """
    path = file_of(style)
    return load_style(path, painter, size_of_a_look(painter), size_of_a_light(painter)) if path else None


def apart(
    painter: FeedForward, styles: Sequence[PictureLike]
) -> tuple[dict[int, SavedStyle], list[PictureLike | None]]:
    """The styles that are saved ones, by their number, and all of them as pictures, None in the place of those.

    Raises `WeightsError` as `saved_style` does, `ImageError` for nothing at all.
    """
    if any(style is None for style in styles):
        raise ImageError("a style is None. Give a picture, or a style that is known by name or lies in a file.")
    saved = {number: known for number, style in enumerate(styles) if (known := saved_style(painter, style))}
    return saved, [None if number in saved else style for number, style in enumerate(styles)]


def for_one_style(painter: FeedForward, style: PictureLike) -> FeedForward:
    """The network with the hand of a saved style, and all that was learned of it: it should paint no other.

    Raises `WeightsError` as `saved_style` does, `SettingsError` for a picture.
    """
    saved = saved_style(painter, style)
    if not saved:
        raise SettingsError(
            f"style: {str(style)!r} is no saved style. Leave it out, or make it one: impasto style save PICTURE "
            "-o FILE.style"
        )
    learned = [(saved.adaptation, 1.0)] if saved.adaptation else []
    network = adapted(painter, learned, look_of_saved(painter, saved, _USUAL).hand)
    network.hand = None
    return network


@torch.inference_mode()
def look_of_saved(painter: FeedForward, style: SavedStyle, side: float, light_left: float = 1.0) -> Look:
    """The look of a saved style at the area of a square of that side in pixels, on the painter's device.

    So much is left of its broad light.
    """
    device = next(painter.parameters()).device
    look = from_vector(painter, style.at(side).to(device))
    if style.adaptation:
        added = [style.adaptation[f"noise.{level}"].to(device) for level in range(LEVELS)]
        noise = [mixed + root @ more for mixed, root, more in zip(look.noise, look.roots, added, strict=True)]
        look = replace(look, noise=noise)
    if light_left == 1:
        return look
    return with_less_light(look, lights_from_vector(painter, style.light_at(side)), light_left)


def breadth_of_saved(style: SavedStyle, side: float) -> float:
    """How broadly the light of a saved style varies, as `light_of` tells of a picture; 0 where nobody looked."""
    return float(style.light_at(side)[0, 0]) if style.lights else 0.0


def style_to_save(
    painter: FeedForward, picture: PictureLike, about: str = "", adaptation: Adaptation | None = None
) -> SavedStyle:
    """What the network, on the CPU, knows of a picture, at several sizes, and what it has learned of it.

    Raises `ImpastoError` for a picture that cannot be had, and for an `about` that is no text.
    """
    try:
        about.encode()
    except UnicodeEncodeError as error:
        raise SettingsError(f"about: {about!r} is no text that a file can keep. Write it in UTF-8.") from error
    shape = read(picture, SizeSettings()).shape
    own = sqrt(shape[0] * shape[1])
    sides = [side for side in SIDES if side <= own and side * min(shape) / own >= SMALLEST] or [round(own)]
    seen = {side: _seen_at(painter, picture, side, torch.device("cpu")) for side in sides}
    looks = {side: vector(each.looks([None])[0]) for side, each in seen.items()}
    lights = {side: light_vector(light_of(each.picture)[1], each.lights()) for side, each in seen.items()}
    return SavedStyle(painter.fingerprint, about, looks, adaptation or {}, lights)


@torch.inference_mode()
def look_at(painter: FeedForward, picture: PictureLike, side: float, device: torch.device) -> Look:
    """The look of a picture at the area of a square of that side in pixels; the network is on `device`."""
    return _seen_at(painter, picture, side, device).looks([None])[0]


def _seen_at(painter: FeedForward, picture: PictureLike, side: float, device: torch.device) -> Seen:
    return Seen(painter, packed(read(picture, SizeSettings(), partial(same_area, side=side)).pixels), device)
