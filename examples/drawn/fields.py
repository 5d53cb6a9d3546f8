"""What the drawings share: coordinates, noise, blur and color ramps, as arrays of shape (H, W)."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]
"""(H, W)."""
Colors = NDArray[np.float32]
"""(..., 3), sRGB in [0, 1]."""

OVERSAMPLE = 2
"""Drawings are made this much larger and then reduced, which smooths their edges."""


def coordinates(height: int, width: int) -> tuple[Field, Field]:
    """x to the right and y downward, (H, W) each: 0 in the middle, and the shorter side runs from -1 to 1."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    half = min(height, width) / 2
    return (x + 0.5 - width / 2) / half, (y + 0.5 - height / 2) / half


def noise(shape: tuple[int, int], cells: float, rng: np.random.Generator, stretch: float = 1) -> Field:
    """Smooth noise, about -1 to 1: `cells` bumps along the shorter side, each `stretch` times as wide as high."""
    high = min(shape) / cells
    bumps = [max(2, round(side / step) + 1) for side, step in zip(shape, (high, high * stretch), strict=True)]
    small = rng.uniform(-1, 1, bumps).astype(np.float32)
    return np.asarray(Image.fromarray(small).resize(shape[::-1], Image.Resampling.BICUBIC))


def clouds(shape: tuple[int, int], cells: float, octaves: int, rng: np.random.Generator) -> Field:
    """Noise upon noise, each octave twice as fine and half as strong; about -1 to 1."""
    layers = [noise(shape, cells * 2**octave, rng) / 2**octave for octave in range(octaves)]
    return np.sum(layers, axis=0, dtype=np.float32) / 1.5


def blur(field: Field, radius: float) -> Field:
    """Gaussian blur with standard deviation `radius` in pixels; mirrored at the borders."""
    pad = min(int(3 * radius) + 1, min(field.shape) - 1)
    padded = np.pad(field, pad, mode="reflect")
    fy, fx = np.fft.fftfreq(padded.shape[0])[:, None], np.fft.rfftfreq(padded.shape[1])
    filtered = np.fft.rfft2(padded) * np.exp(-2 * (np.pi * radius) ** 2 * (fy**2 + fx**2))
    return np.fft.irfft2(filtered, padded.shape)[pad:-pad, pad:-pad].astype(np.float32)


def smoothstep(low: float, high: float, field: Field) -> Field:
    """0 below `low`, 1 above `high`, an S-curve between."""
    t = np.clip((field - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def ramp(field: Field, *colors: str) -> Colors:
    """`field` from 0 to 1 as colors (H, W, 3), evenly spread; each color is written `#rrggbb`."""
    stops = palette(*colors)
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(field, at, stops[:, i]) for i in range(3)], axis=-1).astype(np.float32)


def palette(*colors: str) -> Colors:
    """`#rrggbb` colors as an array (N, 3)."""
    return np.array([[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)] for color in colors], dtype=np.float32)


def finish(colors: Colors, width: int, height: int) -> Image.Image:
    """The drawing, reduced to its final size."""
    pixels = (np.clip(colors, 0, 1) * 255 + 0.5).astype(np.uint8)
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)
