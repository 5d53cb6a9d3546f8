import numpy as np
from images.pictures import smooth
from PIL import Image

from impasto.images.sheet import sheet


def test_pictures_stand_in_a_row_each_at_the_height_asked_for():
    red, wide = Image.new("RGB", (100, 200), (250, 0, 0)), Image.new("RGB", (400, 200), (0, 0, 250))
    paper = np.asarray(sheet([("content", red), ("style", wide)], height=96))
    gap = 4
    assert paper.shape[1] == gap + 48 + gap + 192 + gap
    assert (paper[gap : gap + 96, gap : gap + 48] == (250, 0, 0)).all()
    assert (paper[gap : gap + 96, 2 * gap + 48 : -gap] == (0, 0, 250)).all()
    assert (paper[:gap] == 255).all()
    assert (paper[:, gap + 48 : 2 * gap + 48][: gap + 96] == 255).all()


def test_captions_stand_under_their_pictures():
    def ink(caption: str) -> np.ndarray:
        paper = np.asarray(sheet([(caption, smooth(64, 64)), ("", smooth(64, 64))], height=96).convert("L"))
        return (paper[4 + 96 :] < 200).sum(axis=0)

    assert ink("").sum() == 0
    columns = np.flatnonzero(ink("content"))
    assert columns.size
    assert abs((columns[0] + columns[-1]) / 2 - (4 + 48)) <= 2


def test_transparency_shows_the_paper():
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert np.asarray(sheet([("", clear)], height=40)).min() == 255
