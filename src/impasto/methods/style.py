"""A picture -> its style in numbers, which one pass can paint without the picture."""

from functools import partial
from math import sqrt
from pathlib import Path

import torch

from impasto.engine.looks import vector
from impasto.images import PictureLike, read
from impasto.images.packing import packed
from impasto.images.resize import same_area
from impasto.methods.feedforward import Seen
from impasto.networks.feedforward import load_feedforward
from impasto.networks.style_file import SavedStyle
from impasto.settings import SizeSettings

SIDES = (256, 512, 1024)
"""Of squares of the areas at which a style is seen; the largest ones only of a picture that has as many pixels."""


def saved_style(picture: PictureLike, about: str = "", painter: Path | None = None) -> SavedStyle:
    """What a network, without a file the one that comes with impasto, knows of a picture, at several sizes.

    Raises `ImpastoError` for a picture or a network that cannot be had.
    """
    network, size = load_feedforward(painter), SizeSettings()
    shape = read(picture, size).shape
    own = sqrt(shape[0] * shape[1])
    looks = {}
    with torch.inference_mode():
        for side in [each for each in SIDES if each <= own] or [round(own)]:
            seen = read(picture, size, partial(same_area, side=side)).pixels
            looks[side] = vector(Seen(network, packed(seen), torch.device("cpu")).looks([None])[0])
    return SavedStyle(network.fingerprint, about, looks)
