"""Styles whose light is no broader than the photo's: in a search, in one pass, in films."""

import numpy as np
import pytest
import torch
from images.pictures import lit
from methods.films import cued, finished, goes_on_to, paint, pan
from PIL import Image
from scipy.ndimage import gaussian_filter

import impasto
from impasto.engine.mask import Mask
from impasto.engine.regions import Region, whole
from impasto.images.color import srgb_to_oklab
from impasto.images.light import evened, left_of, light_of
from impasto.images.packing import unpacked
from impasto.images.picture import Picture, quantize
from impasto.methods import feedforward, iterative, masks
from impasto.methods.film_feedforward import FeedForwardFilm
from impasto.methods.film_iterative import IterativeFilm
from impasto.methods.light import evenly_lit, light_left
from impasto.methods.looked_at import StylePicture
from impasto.methods.scene import Scene
from impasto.methods.style import style_to_save
from impasto.networks.feedforward import load_feedforward
from impasto.settings import FilmSettings, StylizeSettings

BROAD, PLAIN = lit(0.4, 0.1), lit(0.1, 0.1)


def scene(photo, *styles, regions=None, **settings):
    shares = [1 / len(styles)] * len(styles)
    chosen = StylizeSettings(**settings)
    sides = [200.0] * len(styles)
    return Scene(Picture(photo), photo, dict(enumerate(styles)), sides, shares, regions or whole(shares), chosen)


def breadths(*styles):
    return lambda number: light_of(styles[number])[1]


def test_each_style_is_left_no_more_than_the_photo_has():
    hatched = lit(0.4, 0.3)
    left = light_left(scene(lit(0.25, 0.1), BROAD, hatched), breadths(BROAD, hatched))
    assert left == {0: left_of(light_of(BROAD)[1], light_of(lit(0.25, 0.1))[1]), 1: 1.0}
    assert left[0] == pytest.approx(0.25 / 0.4, rel=0.02)
    first, second = evenly_lit(scene(lit(0.25, 0.1), BROAD, hatched)).styles.values()
    assert torch.equal(first, evened(BROAD, left[0]))
    assert second is hatched


@pytest.mark.parametrize("photo", [(0.4, 0.1), (0.5, 0.0), (0.2, 0.02), (0, 0)])
def test_a_style_whose_light_is_no_broader_stays_as_it_is_and_so_it_does_where_the_photo_has_none(photo):
    style = lit(0.3, 0.1)
    assert evenly_lit(scene(lit(*photo), style)).styles[0] is style


def test_only_the_part_of_the_photo_that_is_painted_counts():
    photo = torch.cat([lit(0.1, 0.2, (200, 100)), lit(0.6, 0.02, (200, 100))], 3)
    left = torch.zeros(1, 1, 200, 200)
    left[..., :100] = 1

    def of(mask):
        """The second style comes later in the film."""
        regions = [Region("white", Mask(mask), [None, None], [float(mask.mean()), 0.0])]
        return light_left(scene(photo, BROAD, BROAD, regions=regions), breadths(BROAD, BROAD))

    assert of(left) == {0: 0.5, 1: 0.5}
    assert of(1 - left) == {0: 1, 1: 1}


def test_parts_that_were_chosen_and_textures_without_content_stay_as_they_are():
    chosen = [Region("blue", None, [Mask(torch.ones(1, 1, 200, 200))], [1.0])]
    assert evenly_lit(scene(PLAIN, BROAD, regions=chosen)).styles[0] is BROAD
    assert evenly_lit(scene(PLAIN, BROAD, content_weight=0)).styles[0] is BROAD
    assert evenly_lit(scene(PLAIN, BROAD)).styles[0] is not BROAD


def picture(pixels):
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert("RGB")


@pytest.fixture(scope="module")
def grain():
    """A photo that is light and dark in its details alone."""
    noise = np.random.default_rng(0).normal(size=(96, 96))
    return picture(128 + 40 * gaussian_filter(noise, 0.7) / 0.4)


@pytest.fixture(scope="module")
def sky():
    """A painting half of which is nearly white, and half nearly black."""
    light = np.full((96, 96), 40.0)
    light[:48] = 235
    return picture(light + 8 * np.random.default_rng(1).normal(size=(96, 96)))


def spread(painted):
    """How light and dark a picture is at a fifth of its size."""
    return float(gaussian_filter(srgb_to_oklab(painted)[0, 0].double(), 10).std())


def test_a_search_burns_no_hole_for_a_sky_into_a_photo_of_details(grain, sky, monkeypatch):
    few = StylizeSettings(size=96, iterations=30, coarsest=48, protect="none", strength=0.7)
    lit = spread(iterative.stylize(grain, [sky], few).picture.pixels)
    monkeypatch.setattr(iterative, "evenly_lit", lambda scene: scene)
    assert lit < 0.7 * spread(iterative.stylize(grain, [sky], few).picture.pixels)


def test_faces_are_looked_for_in_a_style_as_it_is(grain, sky, monkeypatch):
    looked_at = []
    monkeypatch.setattr(masks, "faces", lambda pixels: looked_at.append(pixels) or torch.zeros(1, 1, 96, 96))
    iterative.stylize(grain, [sky], StylizeSettings(size=96, iterations=1, coarsest=96))
    _, style = looked_at
    assert np.array_equal(quantize(unpacked(style), 8), np.asarray(sky))


def test_nor_does_one_pass_by_the_picture_or_by_its_numbers(grain, sky, monkeypatch, tmp_path):
    (saved := tmp_path / "sky.style").write_bytes(style_to_save(load_feedforward(), sky).file())
    photo = grain.resize((192, 192))

    def painted(style):
        return impasto.stylize(photo, style, preset="fast", size=192, style_scale=0.5).picture.pixels

    by_picture, by_numbers = map(painted, (sky, saved))
    assert (by_picture - by_numbers).abs().mean() < 0.02
    monkeypatch.setattr(feedforward, "light_left", lambda *_: {})
    assert max(map(spread, (by_picture, by_numbers))) < 0.8 * spread(painted(sky))


def test_a_style_is_shown_to_the_network_once_for_its_look_and_its_light(monkeypatch):
    shown, painter = [], load_feedforward()
    encoded = painter.encoded
    monkeypatch.setattr(painter, "encoded", lambda image: shown.append(1) or encoded(image))
    painter.fingerprint = ""  # nothing is kept of what it sees
    StylePicture(painter, BROAD, torch.device("cpu")).look(1.0, 0.6)
    assert len(shown) == 1


def test_a_shot_that_is_searched_for_is_lit_by_its_first_frame(photo, styles, monkeypatch):
    lit_by = []
    monkeypatch.setattr(iterative, "evenly_lit", lambda scene: lit_by.append(scene.photo.pixels) or scene)
    few = {"preset": "draft", "iterations": 4, "coarsest": 64, "next_iterations": 2, "precision": "float32"}
    film = pan(photo, 3)
    paint(IterativeFilm([styles["mosaic"]], FilmSettings.checked(few)), film)
    (first,) = lit_by
    assert np.array_equal(quantize(unpacked(first), 8), film[0])


def test_a_shot_in_one_pass_goes_on_with_the_light_of_its_first_frame(grain, sky, photo):
    """Its first frames are grain, of the later ones more and more is a photo of broad light."""
    settings = FilmSettings.checked({"preset": "fast"})
    frames = [*pan(grain, 2), *pan(photo, 2)]
    film = cued([np.ascontiguousarray(frame) for frame in frames])
    paintings = finished(FeedForwardFilm([sky], settings), film)
    goes_on_to(paintings, film, lambda: FeedForwardFilm([sky], settings))
