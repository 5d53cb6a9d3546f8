"""Films whose frames are searched for."""

import itertools

import numpy as np
import pytest
from methods.films import apart, cued, curtain, finished, goes_on_to, paint, pan
from PIL import Image

from impasto.errors import SettingsError
from impasto.jobs.run import stylize
from impasto.methods import stage
from impasto.methods.film_iterative import IterativeFilm
from impasto.settings import FilmSettings

FEW = {"preset": "draft", "iterations": 10, "coarsest": 64, "next_iterations": 3, "precision": "float32"}


def painter(*styles, **settings):
    return IterativeFilm(styles, FilmSettings.checked(FEW | settings))


def test_the_first_frame_is_the_picture(photo, styles):
    (frame,) = pan(photo, 1)
    few = {name: value for name, value in FEW.items() if name != "next_iterations"}
    picture = np.asarray(stylize(frame, styles["mosaic"], size="original", protect="none", **few).image)
    assert np.array_equal(paint(painter(styles["mosaic"]), [frame])[0], picture)


def test_the_same_frame_gets_the_same_painting(photo, styles):
    (frame,) = pan(photo, 1)
    noisy = frame.copy()
    noisy[::7, ::5] ^= 1
    first, *others = paint(painter(styles["mosaic"]), [frame, frame, noisy])
    assert all(np.array_equal(first, other) for other in others)


def test_a_mask_that_holds_for_the_film_is_read_once(photo, styles, tmp_path, monkeypatch):
    Image.linear_gradient("L").save(tmp_path / "mask.png")
    read, regions = [], stage.regions_to_paint
    monkeypatch.setattr(stage, "regions_to_paint", lambda *given: read.append(1) or regions(*given))
    monkeypatch.setattr("impasto.methods.scene.regions_to_paint", lambda *given: read.append(1) or regions(*given))
    paint(painter(styles["mosaic"], mask=str(tmp_path / "mask.png")), pan(photo, 3))
    assert len(read) == 1


def test_what_a_mask_uncovers_is_painted_at_once(photo, styles, tmp_path):
    film, masks = pan(photo, 3, step=0), curtain(tmp_path / "masks", 0.25, 0.25, 1)
    film[2] = film[2] + np.uint8(1)
    *_, uncovered = paint(painter(styles["mosaic"], mask=masks), film)
    alone = paint(painter(styles["mosaic"], mask=masks, steadiness=0), film)[2]
    where = slice(24, 60)
    assert apart(uncovered[:, where], film[2][:, where]) > 0.7 * apart(alone[:, where], film[2][:, where])


def test_a_state_goes_on_with_masks_that_move(photo, styles, tmp_path):
    settings = {"steps_back": "1,2", "mask": curtain(tmp_path / "masks", 0.5, 0.75, 0.75, 1)}
    film = cued(pan(photo, 4), [1, 2])
    whole = finished(painter(styles["mosaic"], **settings), film)
    goes_on_to(whole, film, lambda: painter(styles["mosaic"], **settings))


def test_a_pan_is_steadier_than_frames_by_themselves(photo, styles):
    film = pan(photo, 4, step=2, width=96, height=64)

    def flicker(paintings):
        return np.mean([apart(before[:, 18:-16], after[:, 16:-18]) for before, after in itertools.pairwise(paintings)])

    steady = paint(painter(styles["mosaic"]), film)
    alone = paint(painter(styles["mosaic"], steadiness=0), film)
    assert flicker(steady) < flicker(alone) / 2


@pytest.mark.parametrize("color", ["style", "match"])
def test_a_state_goes_on_to_the_same_paintings(photo, styles, color):
    settings = {"steps_back": "1,3", "color": color}
    film = cued(pan(photo, 6), (1, 3))
    whole = finished(painter(styles["mosaic"], **settings), film)
    goes_on_to(whole, film, lambda: painter(styles["mosaic"], **settings))


def test_a_cut_starts_afresh(photo, styles):
    first, second = pan(photo, 2, width=96, height=64), [pan(photo, 1, width=96, height=64)[0][::-1, ::-1, ::-1].copy()]
    together, alone = paint(painter(styles["mosaic"]), [*first, *second]), paint(painter(styles["mosaic"]), second)
    assert np.array_equal(together[2], alone[0])


def test_ctrl_c_gives_no_half_searched_frame(photo, styles, monkeypatch):
    from impasto.engine.objective import Objective

    film, looks = cued(pan(photo, 2)), [0]
    searching = painter(styles["mosaic"])
    paintings = searching.paint(iter(film))
    next(paintings)
    find = Objective.with_gradient

    def interrupted(self, image):
        looks[0] += 1
        if looks[0] == 2:
            raise KeyboardInterrupt
        return find(self, image)

    monkeypatch.setattr(Objective, "with_gradient", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(paintings)


def test_styles_in_numbers_are_refused():
    with pytest.raises(SettingsError, match="a search needs a picture"):
        painter("scream")
    with pytest.raises(SettingsError, match="a search needs a picture"):
        painter("photo.jpg", style_at=["1=scream"])
