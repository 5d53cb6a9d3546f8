"""Pictures in folders -> square pieces of them, drawn by number."""

import logging
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from impasto.errors import ImageError, SettingsError
from impasto.images import read, shape_of
from impasto.images.formats import SUFFIXES
from impasto.images.packing import packed
from impasto.images.reading import SMALLEST
from impasto.images.resize import resize
from impasto.recent import Recent
from impasto.settings import SizeSettings
from impasto.training.beside import is_sheet

_ROOM = 2**31
"""Bytes of pictures that are kept for each kind, about."""
_EACH = 6 * 1.5
"""Bytes of a picture for each pixel of the square of its shorter side: three colors in 16 bits, half again as long."""
_HELD_OUT = 20
"""One picture of so many is never trained on."""
_TRIES = 20
"""Damaged pictures in a row after which a folder is given up."""


@dataclass(frozen=True)
class Crops:
    """Pieces (3, side, side) of pictures in [0, 1]. The same number is the same piece, whenever it is asked for.

    A picture that turns out to be damaged is passed over, and that is logged: it should not end hours of training.
    """

    folders: Sequence[Sequence[Path]]
    """The pictures; every folder is drawn from equally often, however many it has."""
    side: int
    seed: int = 0
    farthest: float = 2.5
    """The most that a picture's short side measures in pieces; at least it measures one."""
    _damaged: set[Path] = field(default_factory=set, init=False, repr=False, compare=False)

    def __call__(self, numbers: Sequence[int]) -> Tensor:
        """The pieces of these numbers, (B, 3, side, side). Raises `ImageError` where no picture can be read."""
        return torch.stack([self._piece(number) for number in numbers])

    def readable(self, numbers: Iterable[int]) -> Iterator[Tensor]:
        """Those of the pieces of these numbers, (1, 3, side, side) each, whose pictures are not damaged."""
        for number in numbers:
            try:
                piece = self([number])
            except ImageError as error:
                _tell_passed_over(error)
            else:
                yield piece

    def _piece(self, number: int) -> Tensor:
        return self._drawn(self.folders[number % len(self.folders)], random.Random(f"{self.seed} {number}"))

    def _drawn(self, folder: Sequence[Path], chance: random.Random, tries: int = _TRIES) -> Tensor:
        path = chance.choice(folder)
        try:
            piece = self._cut(path, self.farthest ** chance.random(), chance)
        except ImageError as error:
            if tries == 1 or len(folder) == 1:
                raise
            self._pass_over(path, error)
            return self._drawn(folder, chance, tries - 1)
        return piece.flip(2) if chance.random() < 0.5 else piece

    def _pass_over(self, path: Path, error: ImageError) -> None:
        if path not in self._damaged:
            self._damaged.add(path)
            _tell_passed_over(error)

    def _cut(self, path: Path, scale: float, chance: random.Random) -> Tensor:
        """A piece of a picture whose short side measures `scale` pieces."""
        pixels = read(path, SizeSettings(), lambda h, w: _covering(h, w, self.side * scale)).pixels[0]
        top, left = (chance.randint(0, length - self.side) for length in pixels.shape[1:])
        return pixels[:, top : top + self.side, left : left + self.side]


@dataclass(frozen=True)
class KeptCrops(Crops):
    """Pieces of pictures that are read once and kept in memory, small; of very many, those used last."""

    _kept: Recent[Tensor] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        each = _EACH * (self.side * self.farthest) ** 2
        object.__setattr__(self, "_kept", Recent(max(1, int(_ROOM / each))))

    def _cut(self, path: Path, scale: float, chance: random.Random) -> Tensor:
        picture = self._picture(path)
        window = max(1, round(min(picture.shape[1:]) / scale))
        top, left = (chance.randint(0, length - window) for length in picture.shape[1:])
        return resize(picture[None, :, top : top + window, left : left + window], (self.side, self.side))[0]

    def _picture(self, path: Path) -> Tensor:
        """(3, H, W), packed, as large as the nearest piece needs it."""
        side = self.side * self.farthest
        return self._kept.get(
            path, lambda: packed(read(path, SizeSettings(), lambda h, w: _covering(h, w, side)).pixels)[0]
        )


def _tell_passed_over(error: ImageError) -> None:
    logging.getLogger(__name__).warning("passed over: %s", error)


def varied(pieces: Tensor, chance: random.Random) -> Tensor:
    """Pieces (B, 3, side, side) of paintings that nobody painted: turned, their three colors exchanged, or as they are.

    There are few paintings in the world, and what a network makes of new ones it learns of many.
    """
    turned = torch.stack([piece.rot90(chance.choice((0, 0, 0, 1, 2, 3)), (1, 2)) for piece in pieces])
    orders = [chance.choice(((0, 1, 2), chance.sample(range(3), 3))) for _ in pieces]
    return torch.stack([piece[list(order)] for piece, order in zip(turned, orders, strict=True)])


def check_photos(folders: Sequence[Path]) -> None:
    """Raises `SettingsError` where a picture is in the place of a folder of photos: of one photo nothing is learned."""
    for path in folders:
        if path.is_file():
            raise SettingsError(f"{path}: it is a file. Name folders of photos to learn from.")


def split(folders: Sequence[Path]) -> tuple[list[list[Path]], list[list[Path]]]:
    """The pictures of each folder, in order, as those to train on and those held out, one of twenty.

    A single picture in place of a folder is trained on, and held out as well. Raises `SettingsError` for what is
    neither, or has too few pictures to hold one out, `ImageError` for a file that is no picture.
    """
    found = [[folder] if folder.is_file() else _pictures_in(folder) for folder in folders]
    trained = [[path for place, path in enumerate(paths) if place % _HELD_OUT] or paths for paths in found]
    for path in (path for paths in found for path in paths):
        if min(shape_of(path)) < SMALLEST:  # better now than in the middle of the training
            raise ImageError(f"{str(path)!r}: no side may be under {SMALLEST} pixels. Take a larger one in its place.")
    return trained, [paths[::_HELD_OUT] for paths in found]


def _pictures_in(folder: Path) -> list[Path]:
    named = (path for path in folder.glob("[!.]*") if path.suffix.lower() in SUFFIXES and not is_sheet(path))
    paths = sorted(path for path in named if path.is_file())
    if not folder.exists():
        raise SettingsError(f"{folder}: it is not there, and a folder with two pictures or more is needed.")
    if len(paths) < 2:
        raise SettingsError(f"{folder}: a folder with two pictures or more is needed, and it has {len(paths)}.")
    return paths


def _covering(height: int, width: int, side: float) -> tuple[int, int]:
    """The size at which the shorter side is `side`."""
    scale = side / min(height, width)
    return round(height * scale), round(width * scale)
