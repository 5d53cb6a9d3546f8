"""Writes the drawn style pictures into a folder: python examples/draw_styles.py [FOLDER] (default: styles)."""

import sys
from pathlib import Path

from drawn import STYLES

if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "styles")
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in STYLES.items():
        path = folder / f"{name}.png"
        draw(width=768, height=768).save(path)
        print(path)
