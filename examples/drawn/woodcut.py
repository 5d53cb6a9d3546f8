"""Woodcut: black lines on cream paper, carved along the forms; where it is darker the lines are wider."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from drawn.fields import OVERSAMPLE, Field, blur, clouds, coordinates, finish, noise, palette, smoothstep

LINES = 42
"""Lines to the shorter side."""


@dataclass
class Carving:
    """What the knife follows, (H, W) each."""

    tone: Field
    """How dark: 0 leaves bare paper, 1 prints solid black."""
    phase: Field
    """Its whole numbers are the middles of the lines."""
    outline: Field
    """Distance to the nearest edge of a form, in the unit of `coordinates`."""

    def cover(self, other: "Carving", depth: Field) -> "Carving":
        """The carving with `other` laid over it where `depth`, the distance inside the other's edge, is above 0."""
        over = depth > 0
        return Carving(
            np.where(over, other.tone, self.tone),
            np.where(over, other.phase, self.phase),
            np.minimum(np.where(over, other.outline, self.outline), np.abs(depth)),
        )


def woodcut(width: int = 512, height: int = 512, seed: int = 0) -> Image.Image:
    """The sun behind a mountain over a rolling sea; (width, height) pixels, RGB."""
    rng = np.random.default_rng(seed)
    shape = (height * OVERSAMPLE, width * OVERSAMPLE)
    x, y = coordinates(*shape)
    carving = _sky(x, y, rng)
    carving = carving.cover(*_mountain(x, y, rng))
    for level in range(7):
        carving = carving.cover(*_wave(x, y, level, rng))
    return finish(_printed(_cut(carving, rng), rng), width, height)


def _sky(x: Field, y: Field, rng: np.random.Generator) -> Carving:
    """Rings around a sun, darker away from it, with long clouds left bare."""
    distance = np.hypot(x + 0.30, y + 0.34)
    cloud = smoothstep(0.25, 0.45, noise(x.shape, 9, rng, stretch=5) + 0.25 * noise(x.shape, 20, rng, stretch=3))
    tone = np.clip(0.20 + 0.46 * distance, 0, 0.9) * (1 - 0.8 * cloud)
    rim = distance - 0.27
    return Carving(np.where(rim < 0, 0, tone), distance * LINES / 2, np.abs(rim))


def _mountain(x: Field, y: Field, rng: np.random.Generator) -> tuple[Carving, Field]:
    """A peak, lit from the left, hatched down its slopes, with snow at the top."""
    ridge = 0.05 * clouds(x.shape, 5, 4, rng)
    from_peak = x - 0.34 + ridge * 2
    top = -0.62 + 0.9 * np.abs(from_peak) ** 0.8 + ridge
    depth = y - top
    lit = smoothstep(-0.08, 0.02, from_peak + 0.16 * noise(x.shape, 7, rng) * depth)
    snow = smoothstep(0.16, 0.30, depth + 0.35 * noise(x.shape, 9, rng) * np.minimum(depth * 3, 1))
    tone = (0.22 + 0.62 * lit) * (0.12 + 0.88 * snow)
    phase = (x * 0.55 + np.sign(from_peak) * y * 0.35 - 0.25 * np.sign(from_peak) * from_peak**2) * LINES
    return Carving(tone, phase, np.abs(depth)), depth


def _wave(x: Field, y: Field, level: int, rng: np.random.Generator) -> tuple[Carving, Field]:
    """One swell of the sea, the nearer (higher `level`) the larger, with a crest of foam."""
    near = level / 6
    length, rise = 0.45 + 0.75 * near, 0.035 + 0.13 * near
    at = 2 * np.pi * (x / length + rng.uniform())
    crest = np.abs(np.sin(at / 2 + 0.35 * np.sin(at / 2))) ** 0.7  # sharp troughs between round backs
    top = 0.22 + 0.82 * near**1.25 - rise * crest * 1.6 + 0.012 * noise(x.shape, 16, rng)
    depth = y - top
    foam = smoothstep(0.0, 0.03 + 0.05 * near, depth - 0.02 * near * (1 + noise(x.shape, 22, rng)))
    back = np.clip(0.36 + depth / (0.20 + 0.28 * near) + 0.30 * np.cos(at), 0.12, 0.95)
    phase = (y - top * 0.75 + 0.06 * np.sin(at)) * LINES * (0.80 - 0.30 * near)
    return Carving(back * foam, phase, np.abs(depth)), depth


def _cut(carving: Carving, rng: np.random.Generator) -> Field:
    """Ink left standing on the block, 0 or 1: the knife shakes, its cuts swell and taper, and edges are outlined."""
    shape = carving.tone.shape
    phase = carving.phase + 0.16 * clouds(shape, 22, 2, rng)
    to_middle = np.abs(phase - np.round(phase)) * 2  # 0 on the line, 1 halfway to the next
    swell = 0.34 * noise(shape, 15, rng) + 0.20 * noise(shape, 55, rng)
    width = carving.tone + swell * np.sqrt(np.clip(carving.tone * (1 - carving.tone), 0, 1)) * 1.4
    line = width - to_middle - 0.04  # too thin a line would not survive the press
    outline = 0.011 + 0.007 * noise(shape, 12, rng) - carving.outline
    sharp = min(shape) / OVERSAMPLE
    return np.maximum(np.clip(line * sharp / LINES + 0.5, 0, 1), np.clip(outline * sharp + 0.5, 0, 1))


def _printed(ink: Field, rng: np.random.Generator) -> Field:
    """The block's print (H, W, 3): ink that thins along the grain of the wood, paper with fibers."""
    shape = ink.shape
    grain = noise(shape, 160, rng, stretch=14) + 0.8 * noise(shape, 4, rng)
    specks = noise(shape, 150, rng)
    wear = np.maximum(smoothstep(0.85, 1.35, grain), 0.8 * smoothstep(0.78, 0.95, specks))
    amount = blur(ink, 0.4 * OVERSAMPLE) * (1 - 0.45 * wear)
    paper = palette("#f0e4c8")[0] * (1 + 0.035 * clouds(shape, 40, 3, rng))[..., None]
    black = palette("#17130f")[0] * (1 + 0.5 * clouds(shape, 30, 3, rng))[..., None]
    return paper + amount[..., None] * (black - paper)
