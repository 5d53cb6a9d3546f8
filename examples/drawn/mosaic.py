"""Mosaic: uneven tesserae of glass and stone, set in rows along the arcs of overlapping fans, with grout between."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drawn.fields import OVERSAMPLE, Colors, Field, blur, clouds, coordinates, finish, noise, palette

FAN = 0.52
"""Radius of a fan; the shorter side of the picture measures 2."""
TESSERA = 0.047
"""Side of a tessera, in the same unit."""
Tile = tuple[NDArray[Any], ...]
"""Numbers of the fan, the ring and the seat that each pixel belongs to, (H, W) each."""
SCHEMES = (  # from the rim of a fan to its eye
    (
        "#14213d",
        "#f1e3c4",
        "#1f6f8b",
        "#2a9d8f",
        "#56c3b2",
        "#f1e3c4",
        "#e0a526",
        "#c8501e",
        "#7b1e2b",
        "#f7d774",
        "#14213d",
    ),
    (
        "#3b1c32",
        "#e8c46b",
        "#a4243b",
        "#d8572a",
        "#f08a4b",
        "#f6c177",
        "#fbeccb",
        "#2f6690",
        "#16425b",
        "#e8c46b",
        "#a4243b",
    ),
    (
        "#10302b",
        "#d9c79e",
        "#2d6a4f",
        "#52a36b",
        "#9cc66b",
        "#e9d985",
        "#d4a017",
        "#8c4a2f",
        "#e9d985",
        "#1b4965",
        "#5fa8d3",
    ),
    (
        "#1b1b3a",
        "#efe6d2",
        "#3a4f9b",
        "#5c7fd1",
        "#93b7e8",
        "#dfe9f5",
        "#e2b33c",
        "#b5651d",
        "#efe6d2",
        "#3a4f9b",
        "#d1495b",
    ),
)


def mosaic(width: int = 512, height: int = 512, seed: int = 0) -> Image.Image:
    """Fans of colored glass, each row of tesserae with its own color; (width, height) pixels, RGB."""
    rng = np.random.default_rng(seed)
    shape = (height * OVERSAMPLE, width * OVERSAMPLE)
    x, y = coordinates(*shape)
    x, y = x + 0.035 * noise(shape, 4, rng), y + 0.035 * noise(shape, 4, rng)  # set by hand, not by compass
    fan, radius, turn = _fans(x, y)

    ring = np.floor(radius / TESSERA)
    seats = (ring + 0.5) * turn  # position along the ring, in tesserae
    chance = _Chance(rng)
    seats = seats + chance(fan, ring, 0)
    seat = np.floor(seats)
    tile = (fan, ring, seat)
    height_of = _tile_heights(radius / TESSERA - ring, seats - seat, tile, chance)

    colors = _tile_colors(tile, chance)
    grout = palette("#8a7f70")[0] * (0.62 + 0.22 * clouds(shape, 60, 2, rng)[..., None])
    is_tile = np.clip(height_of * 6, 0, 1)[..., None]
    return finish(_lit(grout + is_tile * (colors - grout), height_of, tile, chance, rng), width, height)


class _Chance:
    """The same random number in [0, 1] for the same whole numbers, wherever they turn up in the picture."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._table = rng.uniform(0, 1, 65_521).astype(np.float32)

    def __call__(self, *numbers: NDArray[Any] | int) -> Field:
        key = sum(
            np.asarray(number).astype(np.int64) * prime
            for number, prime in zip(numbers, (7_919, 104_729, 1_299_709, 15_485_863), strict=False)
        )
        return self._table[key % self._table.size]


def _fans(x: Field, y: Field) -> tuple[NDArray[np.int64], Field, Field]:
    """Number of the fan that lies on top at each place, the distance to its eye, and the angle around it."""
    fan = np.zeros(x.shape, dtype=np.int64)
    radius, turn = np.full(x.shape, np.inf, dtype=np.float32), np.zeros_like(x)
    rows = range(int(np.floor(y.min() / FAN * 2)) - 2, int(np.ceil(y.max() / FAN * 2)) + 4)
    for row in rows:  # each row of fans lies over the row above it
        shift = FAN * (row % 2)
        column = np.round((x - shift) / (2 * FAN))
        dx, dy = x - shift - 2 * FAN * column, y - row * FAN / 2
        distance = np.hypot(dx, dy)
        inside = distance < FAN
        fan[inside] = (row * 64 + column[inside]).astype(np.int64)
        radius[inside], turn[inside] = distance[inside], np.arctan2(dy, dx)[inside]
    return fan, radius, turn


def _tile_heights(across: Field, along: Field, tile: Tile, chance: _Chance) -> Field:
    """Height of the stones above the grout, 0 to 1; `across` and `along` run from 0 to 1 over each seat."""
    skew = (chance(*tile, 1) - 0.5) * 0.22
    along = along + skew * (across - 0.5)
    gaps = [0.05 + 0.10 * chance(*tile, side) for side in (2, 3, 4, 5)]
    edges = [across - gaps[0], 1 - across - gaps[1], along - gaps[2], 1 - along - gaps[3]]
    to_edge = np.min(edges, axis=0)
    return np.clip(to_edge * 7, 0, 1) ** 0.7


def _tile_colors(tile: Tile, chance: _Chance) -> Colors:
    """The color of each stone: its fan's scheme at its ring, with the unevenness of real glass."""
    fan, ring, _ = tile
    schemes = np.stack([palette(*scheme) for scheme in SCHEMES])  # (schemes, rings, 3)
    from_rim = np.clip(int(FAN / TESSERA) - ring, 0, schemes.shape[1] - 1).astype(int)
    stray = chance(*tile, 6) < 0.10  # now and then a stone from the row beside
    from_rim = np.clip(from_rim + stray, 0, schemes.shape[1] - 1)
    scheme = (chance(fan, 17) * len(SCHEMES)).astype(int)
    colors = schemes[scheme, from_rim]
    light = 0.72 + 0.50 * chance(*tile, 7)
    warmth = (chance(*tile, 8) - 0.5) * 0.12
    return colors * light[..., None] + np.stack([warmth, 0 * warmth, -warmth], axis=-1)


def _lit(colors: Colors, heights: Field, tile: Tile, chance: _Chance, rng: np.random.Generator) -> Colors:
    """Light from the upper left: on the edges of the stones, and glinting from those that happen to face it."""
    dy, dx = np.gradient(blur(heights, 0.5 * OVERSAMPLE))
    edge = np.tanh((dx + dy) * 2.5)
    glint = np.clip(chance(*tile, 9) - 0.86, 0, 1) * 2.2 * np.clip(heights, 0, 1)
    grain = clouds(heights.shape, 90, 2, rng) * 0.07
    return colors * (1 + 0.32 * edge + grain)[..., None] + glint[..., None] * palette("#fff3d0")[0]
