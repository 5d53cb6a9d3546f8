"""Style pictures that a program draws: no download, no license, the same picture for the same seed.

    from drawn import STYLES
    STYLES["mosaic"](width=512, height=512, seed=0)     # PIL.Image, RGB

Each style is one file, one function, and needs nothing but NumPy and Pillow.
"""

from drawn.brush_strokes import brush_strokes
from drawn.ink_wash import ink_wash
from drawn.mosaic import mosaic
from drawn.woodcut import woodcut

STYLES = {"brush_strokes": brush_strokes, "mosaic": mosaic, "woodcut": woodcut, "ink_wash": ink_wash}

__all__ = ["STYLES", "brush_strokes", "ink_wash", "mosaic", "woodcut"]
