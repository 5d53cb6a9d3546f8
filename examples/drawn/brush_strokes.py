"""Oil paint: curved strokes that follow the forms, from broad to fine, with ridges that catch the light.

Strokes of decreasing size as in A. Hertzmann, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes"
(SIGGRAPH 1998); the scene, the bristles and the relief are our own.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drawn.fields import OVERSAMPLE, Colors, Field, blur, clouds, coordinates, finish, noise, palette, ramp, smoothstep

LAYERS = ((13, 1.5, 0.05), (24, 1.3, 0.08), (40, 0.9, 0.10), (62, 0.5, 0.12))
"""Brush widths to the shorter side, how often the layer covers the canvas, and how much its colors stray."""
LENGTH = 7.0
"""Length of a stroke, in brush widths."""
SKY = ("#fff6c9", "#ffd75e", "#f9a03f", "#e9c46a", "#8ecfc0", "#3f9fc4", "#2563a8", "#1c3c80", "#142a5c")
HILLS = ("#8fa6d8", "#5a6bb8", "#43418f", "#35306b", "#5b3a75")
MEADOW = ("#e3b23c", "#b9a433", "#6d9a3c", "#2f7d4f", "#1d5c4a", "#c8a33a")


def brush_strokes(width: int = 512, height: int = 512, seed: int = 0) -> Image.Image:
    """A low sun in a turning sky, over hills and a meadow with poppies; (width, height) pixels, RGB."""
    rng = np.random.default_rng(seed)
    shape = (height * OVERSAMPLE, width * OVERSAMPLE)
    scene, angle = _scene(shape, rng)
    paint = np.full((*shape, 3), palette("#6b4a35")[0], dtype=np.float32)  # a toned ground shows between strokes
    relief = np.zeros(shape, dtype=np.float32)
    for brushes, cover, stray in LAYERS:
        _paint_layer(paint, relief, scene, angle, min(shape) / brushes, cover, stray, rng)
    return finish(_lit(paint, relief), width, height)


def _scene(shape: tuple[int, int], rng: np.random.Generator) -> tuple[Colors, Field]:
    """What is painted, (H, W, 3), and the direction of the strokes there, (H, W) in radians."""
    x, y = coordinates(*shape)
    drift = clouds(shape, 3, 3, rng)
    sky, sky_angle = _sky(x, y, drift)

    hills = 0.20 + 0.10 * np.sin(2.3 * x + 0.6) + 0.05 * np.sin(5.1 * x)
    hill = ramp(np.clip((y - hills) * 2.6 + 0.25 * drift, 0, 1), *HILLS)
    hill_angle = np.pi + np.arctan(0.23 * np.cos(2.3 * x + 0.6) + 0.25 * np.cos(5.1 * x)) + 0.3 * drift

    depth = (y - 0.46 + 0.10 * x - 0.05 * np.sin(3.1 * x)) / 0.6
    meadow = ramp(np.clip(depth * 0.75 + 0.35 * noise(shape, 14, rng), 0, 1), *MEADOW)
    poppies = smoothstep(0.40, 0.55, noise(shape, 24, rng)) * smoothstep(0.02, 0.25, depth)
    meadow += poppies[..., None] * (palette("#e0301e")[0] - meadow)
    meadow_angle = -np.pi / 2 + 0.55 * x + 0.5 * drift

    places = [depth > 0, y > hills]
    colors = np.select([place[..., None] for place in places], [meadow, hill], sky)
    angle = np.select(places, [meadow_angle, hill_angle], sky_angle)
    turn = min(shape) / 60  # strokes bend from one form into the next
    return colors, np.arctan2(blur(np.sin(angle), turn), blur(np.cos(angle), turn))


def _sky(x: Field, y: Field, drift: Field) -> tuple[Colors, Field]:
    """Colors and directions of the sky: rings about the sun, and eddies that the wind leaves in the blue."""
    sun = np.hypot(x - 0.38, y + 0.40)
    east, north = 0.40 + y + 0.4 * drift, 0.38 - x + 0.4 * drift  # around the sun
    glow = 0.74 * sun + 0.10 * drift + 0.07 * np.sin(21 * sun + 2.5 * drift)
    for eddy_x, eddy_y, size in ((-0.55, -0.55, 0.20), (-0.95, 0.0, 0.15), (-0.22, -1.05, 0.15), (1.15, -1.0, 0.2)):
        from_eddy = np.hypot(x - eddy_x, y - eddy_y)
        pull = np.exp(-((from_eddy / size) ** 2))
        east, north = east - 30 * pull * (y - eddy_y), north + 30 * pull * (x - eddy_x)
        glow -= pull * (0.38 + 0.20 * np.cos(from_eddy * 42))
    return ramp(np.clip(glow, 0, 1), *SKY), np.arctan2(north, east)


def _paint_layer(
    paint: Colors,
    relief: Field,
    scene: Colors,
    angle: Field,
    brush: float,
    cover: float,
    stray: float,
    rng: np.random.Generator,
) -> None:
    """Lays strokes of width `brush` (pixels) over `paint` and `relief`, in place, until they cover it `cover` times."""
    y, x = _scatter(relief.shape, brush * (LENGTH / cover) ** 0.5, rng)
    colors = scene[_inside(relief, y, x)] * rng.normal(1, stray, (y.size, 1)) + rng.normal(0, stray / 2, (y.size, 3))
    path = _follow(angle, y, x, brush, rng)
    for start in range(0, y.size, 512):  # a few hundred at a time bounds the memory
        part = slice(start, start + 512)
        _lay(paint, relief, path[part], colors[part].astype(np.float32), brush, rng)


def _scatter(shape: tuple[int, ...], spacing: float, rng: np.random.Generator) -> tuple[Field, Field]:
    """Points y and x, one at random in each square of side `spacing`, in random order."""
    rows, columns = (np.arange(-0.5, side / spacing + 0.5) for side in shape)
    points = np.stack(np.meshgrid(rows, columns, indexing="ij")).reshape(2, -1)
    y, x = rng.permutation(points + rng.uniform(0, 1, points.shape), axis=1) * spacing
    return y, x


def _follow(angle: Field, y: Field, x: Field, brush: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Walks from each of N points along `angle`, both ways: (N, steps, 3) of y, x and direction, a pixel a step."""
    half = int(LENGTH * brush / 2) + 1
    wobble = rng.normal(0, 0.15, x.shape)
    path = np.empty((x.size, 2 * half, 3), dtype=np.float32)
    for steps, pace in ((range(half, 2 * half), 1), (range(half - 1, -1, -1), -1)):
        at_y, at_x = y, x
        for step in steps:
            direction = angle[_inside(angle, at_y, at_x)] + wobble
            path[:, step] = np.stack([at_y, at_x, direction], axis=-1)
            at_y, at_x = at_y + pace * np.sin(direction), at_x + pace * np.cos(direction)
    return path


def _inside(field: Field, y: Field, x: Field) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of the pixels at (y, x), or of the nearest ones inside."""
    height, width = field.shape
    return np.clip(y, 0, height - 1).astype(np.intp), np.clip(x, 0, width - 1).astype(np.intp)


def _lay(
    paint: Colors, relief: Field, path: NDArray[np.float32], colors: Colors, brush: float, rng: np.random.Generator
) -> None:
    """Draws N strokes, bristle by bristle; where two meet the later one lies on top."""
    strokes, steps, _ = path.shape
    bristles = int(brush / 0.75) + 2
    along = np.linspace(0, 1, steps, dtype=np.float32)[:, None]  # (S, 1)
    across = np.linspace(-1, 1, bristles, dtype=np.float32)  # (K)
    load = _bristle_load(strokes, bristles, rng)  # (N, 1, K)
    ends = np.minimum(1, 9 * along) * np.sqrt(np.clip(1.02 - along**6, 0, 1))  # the stroke's outline, rounded
    offset = across * ends * brush / 2  # (S, K)
    y = path[:, :, None, 0] - offset * np.cos(path[:, :, None, 2])  # (N, S, K)
    x = path[:, :, None, 1] + offset * np.sin(path[:, :, None, 2])
    wet = load > 1.5 * along - 0.95  # bristles run dry toward the end and let the ground through
    keep = wet & (y >= 0) & (y < relief.shape[0]) & (x >= 0) & (x < relief.shape[1])

    pixel = y[keep].astype(np.intp), x[keep].astype(np.intp)
    stroke, step, bristle = np.nonzero(keep)
    held = load[stroke, 0, bristle]
    paint[pixel] = colors[stroke] * (1 + 0.22 * (held - 0.5))[:, None]
    ridge = (0.55 + 0.45 * np.abs(across) ** 3)[bristle] * (0.35 + held) * (1 - 0.4 * along[step, 0]) * brush
    relief[pixel] = 0.35 * relief[pixel] + ridge


def _bristle_load(strokes: int, bristles: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Paint held by each bristle, (strokes, 1, bristles) in [0, 1]; neighbors hold alike."""
    load = rng.uniform(0, 1, (strokes, 1, bristles + 2)).astype(np.float32)
    load = (load[..., :-2] + load[..., 1:-1] + load[..., 2:]) / 3
    return np.clip((load - 0.5) * 1.7 + 0.5, 0, 1)


def _lit(paint: Colors, relief: Field) -> Colors:
    """The painting with the light of a window at the upper left on its ridges."""
    dy, dx = np.gradient(blur(relief, 0.4 * OVERSAMPLE))
    facing = np.tanh((dx + dy) * 0.55)
    shine = np.clip(facing - 0.45, 0, 1) ** 2 * 0.9
    return paint * (1 + 0.20 * facing[..., None]) + shine[..., None] * palette("#fff4dc")[0]
