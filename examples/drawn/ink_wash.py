"""Ink wash: thinned ink on rough paper, pooling at its edges, bleeding where it is wet, breaking where it is dry."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drawn.fields import OVERSAMPLE, Field, clouds, coordinates, finish, noise, palette, smoothstep

INK = np.array([1.00, 0.97, 0.90], dtype=np.float32)
"""How strongly the ink swallows red, green and blue: a black a little on the blue side."""
RANGES = ((-0.35, 0.32), (-0.10, 0.62), (0.22, 1.15), (0.62, 2.0))
"""Height of each mountain range (y, the shorter side runs from -1 to 1) and its ink, from far to near."""
STALKS = ((0.80, -0.10, 0.040, 1.5), (0.95, -0.02, 0.028, 0.8), (0.66, -0.20, 0.016, 0.5))
"""Where each stands (share of the width), how it leans, how thick it is, how dark."""


def ink_wash(width: int = 512, height: int = 512, seed: int = 0) -> Image.Image:
    """Mountains in mist behind bamboo; (width, height) pixels, RGB."""
    rng = np.random.default_rng(seed)
    shape = (height * OVERSAMPLE, width * OVERSAMPLE)
    tooth = _tooth(shape, rng)
    ink = _far(shape, tooth, rng) + _bamboo(shape, tooth, rng)
    paper = palette("#f3ecdc")[0] * (1 + 0.10 * (tooth - 0.5) + 0.02 * clouds(shape, 6, 3, rng))[..., None]
    return finish(paper * np.exp(-ink[..., None] * INK), width, height)


def _tooth(shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """Height of the paper's surface, about 0 to 1: grain, and a few long fibers."""
    grain = 0.55 * noise(shape, 220, rng) + 0.35 * noise(shape, 110, rng)
    return 0.5 + 0.5 * (grain + 0.45 * noise(shape, 150, rng, stretch=9))


def _far(shape: tuple[int, int], tooth: Field, rng: np.random.Generator) -> Field:
    """Amount of ink of the sky and of the ranges, the nearer the darker, each fading down into mist."""
    x, y = coordinates(*shape)
    sky = 0.16 * smoothstep(-0.1, 0.9, clouds(shape, 2.5, 3, rng)) * smoothstep(0.4, -1.2, y)
    moon = smoothstep(0.20, 0.215, np.hypot(x + 0.42, y + 0.55))
    ink = (sky + 0.10 * smoothstep(0.75, 0.2, np.hypot(x + 0.42, y + 0.55))) * moon
    for level, (top, dark) in enumerate(RANGES):
        ridge = noise((shape[0] // 2, shape[1]), 3.2 + level, rng)[:1] * (0.36 - 0.05 * level)
        crags = 0.06 * noise((shape[0] // 2, shape[1]), 26, rng)[:1] + 0.05 * clouds(shape, 14, 3, rng)
        depth = y - top - ridge - crags
        ink = ink * (1 - 0.75 * smoothstep(0, 0.03, depth)) + _wash(depth, dark, tooth, rng)
    return ink


def _wash(depth: Field, dark: float, tooth: Field, rng: np.random.Generator) -> Field:
    """One range: `depth` below its ridge to the amount of ink."""
    shape = depth.shape
    wet = smoothstep(-0.1, 0.5, noise(shape, 4, rng))  # some of the ridge was painted on damp paper
    crisp = smoothstep(0, 0.012, depth)
    bled = smoothstep(-0.10, 0.16, depth + 0.05 * clouds(shape, 24, 3, rng))
    edge = wet * bled + (1 - wet) * crisp
    pooled = (1 - wet) * np.exp(-np.clip(depth, 0, None) / 0.018) * crisp
    fade = np.exp(-np.clip(depth, 0, None) / 0.30)
    texture = _dry(clouds(shape, 16, 3, rng), tooth) * smoothstep(0.02, 0.10, depth) * fade
    settled = 1 + 0.45 * (tooth - 0.5) + 0.25 * clouds(shape, 8, 3, rng)
    return dark * settled * (0.62 * edge * fade + 0.25 * pooled + 0.55 * texture)


def _dry(load: Field, tooth: Field) -> Field:
    """Strokes of a nearly dry brush: only the heights of the paper take ink, and fewer where `load` is low."""
    return smoothstep(0.80, 1.02, tooth + 0.55 * load)


def _bamboo(shape: tuple[int, int], tooth: Field, rng: np.random.Generator) -> Field:
    """Amount of ink of a few stalks, with leaves hanging from their joints."""
    ink = np.zeros(shape, dtype=np.float32)
    side = min(shape)
    for foot, lean, thick, dark in STALKS:
        joint = np.array([shape[1] * foot, shape[0] + 0.1 * side])
        while joint[1] > -0.1 * side:
            top = joint + np.array([lean + rng.normal(0, 0.012), -1]) * side * rng.uniform(0.17, 0.22)
            _stroke(ink, joint, top, thick * side, dark, _stalk, tooth, rng)
            for _ in range(rng.integers(1, 7)):
                angle = rng.normal(*rng.choice([(0.9, 0.3), (2.2, 0.3)]))
                tip = top + np.array([np.cos(angle), np.sin(angle)]) * side * rng.uniform(0.12, 0.30)
                _stroke(ink, top, tip, 0.034 * side, dark * rng.uniform(0.4, 1.6), _leaf, tooth, rng)
            joint = top + np.array([0, -0.010 * side])
    return ink


def _stalk(along: Field) -> Field:
    """Half-width of a stalk's joint, `along` from 0 to 1: a little wider at both ends."""
    return 0.42 + 0.10 * np.abs(2 * along - 1) ** 6


def _leaf(along: Field) -> Field:
    """Half-width of a leaf: pressed down soon, lifted off slowly to a point."""
    return 0.62 * np.clip(along * 4, 0, 1) ** 0.7 * np.clip(1 - along, 0, 1) ** 0.8


def _stroke(
    ink: Field,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    width: float,
    dark: float,
    outline: Callable[[Field], Field],
    tooth: Field,
    rng: np.random.Generator,
) -> None:
    """Adds one stroke of the brush to `ink`, from `start` to `end` (x, y in pixels), as wide as `outline` says."""
    low = np.floor(np.minimum(start, end) - width).astype(int).clip(0)
    high = np.ceil(np.maximum(start, end) + width).astype(int).clip(0)
    window = np.s_[low[1] : high[1], low[0] : high[0]]
    if not ink[window].size:
        return
    y, x = np.mgrid[window].astype(np.float32)[:, : ink[window].shape[0], : ink[window].shape[1]]
    length = np.hypot(*(end - start))
    forth = (end - start) / length
    along = ((x - start[0]) * forth[0] + (y - start[1]) * forth[1]) / length
    bend = rng.normal(0, 0.05) * length * along * (1 - along) * 4
    across = ((y - start[1]) * forth[0] - (x - start[0]) * forth[1] - bend) / width
    room = (outline(np.clip(along, 0, 1)) - np.abs(across)) * width / OVERSAMPLE
    inside = np.clip(room + 0.5, 0, 1) * ((along > 0) & (along < 1))
    hairs = np.interp(across, np.linspace(-0.7, 0.7, 24), rng.uniform(-1, 1, 24))  # each hair holds its own ink
    dryness = _dry(0.9 + 0.7 * hairs - 1.1 * along, tooth[window])
    rim = 0.7 + 0.5 * np.exp(-np.clip(room, 0, None) / 1.5)
    ink[window] += (dark * inside * rim * (0.25 + 0.75 * dryness) * (1 + 0.25 * hairs)).astype(np.float32)
