"""Writes the drawn style pictures into a folder: python examples/draw_styles.py [FOLDER]."""

import argparse
from pathlib import Path

from drawn import STYLES

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default="styles", help="default: %(default)s")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in STYLES.items():
        path = folder / f"{name}.png"
        draw(width=768, height=768).save(path)
        print(path)
