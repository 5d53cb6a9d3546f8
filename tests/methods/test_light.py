"""Styles in the breadth of the photo's light."""

import numpy as np
import pytest
import torch
from methods.films import paint, pan
from PIL import Image
from scipy.ndimage import gaussian_filter

from impasto.engine.mask import Mask
from impasto.engine.regions import Region, whole
from impasto.images import strips
from impasto.images.color import oklab_to_srgb, srgb_to_oklab
from impasto.images.packing import packed, unpacked
from impasto.images.picture import Picture, quantize
from impasto.methods import film_iterative, iterative
from impasto.methods.light import evenly_lit
from impasto.methods.scene import Scene
from impasto.settings import FilmSettings, StylizeSettings

SIDE = 200


def lit(broad, fine, shape=(SIDE, SIDE), middle=0.5):
    """Gray with a ramp of lightness of that height from left to right, under a checkerboard of that height."""
    rows, columns = torch.meshgrid(*map(torch.arange, shape), indexing="ij")
    light = middle + broad * (columns / (shape[1] - 1) - 0.5) + fine * ((rows // 2 + columns // 2) % 2 - 0.5)
    gray = torch.zeros(1, 3, *shape)
    gray[:, 0] = light
    return packed(oklab_to_srgb(gray))


def scene(photo, *styles, regions=None, **settings):
    shares = [1 / len(styles)] * len(styles)
    chosen = StylizeSettings(**settings)
    return Scene(
        Picture(photo), photo, dict(enumerate(styles)), [SIDE] * len(styles), shares, regions or whole(shares), chosen
    )


def lightness(style):
    return srgb_to_oklab(unpacked(style))[0, 0].double()


def ramp(style):
    """Its height, by what is between the ends."""
    columns = lightness(style).mean(0)[20:-20]
    return float(np.polyfit(np.arange(len(columns)), columns.numpy(), 1)[0]) * (SIDE - 1)


def heights(style):
    """Of the checkerboard: its lightness without the ramp's, which is the same in each column."""
    light = lightness(style)
    return float((light - light.mean(0)).std() * 2)


@pytest.mark.parametrize(
    ("photo", "style", "expected"),
    [
        ((0.2, 0.1), (0.4, 0.1), 0.2),  # twice as broad as the photo's
        ((0.2, 0.2), (0.4, 0.2), 0.2),
        ((0.2, 0.1), (0.3, 0.05), 0.12),  # of the fine the photo has twice as much: the least is left, two fifths
        ((0.1, 0.2), (0.5, 0.1), 0.2),
    ],
)
def test_the_broad_light_of_a_style_gets_the_share_that_the_photos_has(photo, style, expected):
    before = lit(*style)
    (after,) = evenly_lit(scene(lit(*photo), before)).styles.values()
    assert ramp(after) == pytest.approx(expected, abs=0.01)
    assert heights(after) == pytest.approx(heights(before), abs=0.003)
    assert float(lightness(after).mean()) == pytest.approx(float(lightness(before).mean()), abs=1e-3)


@pytest.mark.parametrize("photo", [(0.4, 0.1), (0.5, 0.0), (0.2, 0.02), (0, 0)])
def test_a_style_whose_light_is_no_broader_stays_as_it_is_and_so_it_does_where_the_photo_has_none(photo):
    style = lit(0.3, 0.1)
    assert evenly_lit(scene(lit(*photo), style)).styles[0] is style


def test_each_style_is_lit_by_itself_and_keeps_its_colors():
    """Two under the same light, a reddish one, and one with strokes as strong as that."""
    red = srgb_to_oklab(unpacked(lit(0.4, 0.1)))
    red[:, 1] += 0.05
    hatched = lit(0.4, 0.3)
    first, second = evenly_lit(scene(lit(0.2, 0.1), packed(oklab_to_srgb(red)), hatched)).styles.values()
    assert ramp(first) == pytest.approx(0.2, abs=0.01)
    assert (srgb_to_oklab(unpacked(first)) - red)[:, 1:].abs().max() < 1e-3
    assert second is hatched


def test_only_the_part_of_the_photo_that_is_painted_counts():
    """Its left half is a checkerboard, its right one half of a ramp."""
    photo = torch.cat([lit(0.1, 0.2, (SIDE, SIDE // 2)), lit(0.6, 0.02, (SIDE, SIDE // 2))], 3)
    left = torch.zeros(1, 1, SIDE, SIDE)
    left[..., : SIDE // 2] = 1
    style = lit(0.4, 0.2)

    def of(mask):
        regions = [Region("white", Mask(mask), [None], [float(mask.mean())])]
        return evenly_lit(scene(photo, style, regions=regions)).styles[0]

    assert ramp(of(left)) == pytest.approx(0.4 * 0.4, abs=0.04)
    assert of(1 - left) is style


def test_parts_that_were_chosen_and_textures_without_content_stay_as_they_are():
    photo, style = lit(0.1, 0.1), lit(0.4, 0.1)
    chosen = [Region("blue", None, [Mask(torch.ones(1, 1, SIDE, SIDE))], [1.0])]
    assert evenly_lit(scene(photo, style, regions=chosen)).styles[0] is style
    assert evenly_lit(scene(photo, style, content_weight=0)).styles[0] is style
    assert evenly_lit(scene(photo, style)).styles[0] is not style


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 2), (37, 41), (700, 900)])
def test_any_shape_of_photo_and_style(shape):
    light = lit(0.4, 0.1, shape)
    for photo, style in ((light, lit(0.4, 0.1)), (lit(0.1, 0.1), light)):
        (after,) = evenly_lit(scene(photo, style)).styles.values()
        assert after.shape == style.shape
        assert (after.float() - style.float()).abs().max() / 65535 < 0.3


def test_a_large_style_is_lit_a_few_rows_at_a_time_to_the_same_picture(monkeypatch):
    photo, style = lit(0.1, 0.1), lit(0.4, 0.1)
    whole_at_once = evenly_lit(scene(photo, style)).styles[0]
    monkeypatch.setattr(strips, "_PIXELS", 7 * SIDE)
    by_strips = evenly_lit(scene(photo, style)).styles[0]
    assert (whole_at_once.int() - by_strips.int()).abs().max() <= 1


def test_a_photo_of_details_is_not_burnt_out_where_a_painting_has_a_sky():
    """A search, of bright and dark grain, by a painting half of which is white: how light and dark the picture gets, at
    a fifth of its size."""
    noise = np.random.default_rng(0).normal(size=(96, 96))
    grain = Image.fromarray((128 + 40 * noise).clip(0, 255).astype(np.uint8)).convert("RGB")
    sky = np.full((96, 96), 40.0)
    sky[:48] = 245
    sky = Image.fromarray((sky + 8 * noise).clip(0, 255).astype(np.uint8)).convert("RGB")
    few = {"size": 96, "iterations": 30, "coarsest": 48, "protect": "none", "strength": 0.7}

    def spread(lit):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(iterative, "evenly_lit", lit)
            painted = iterative.stylize(grain, [sky], StylizeSettings(**few)).picture.pixels
        return gaussian_filter(lightness(painted), 10).std()

    assert spread(evenly_lit) < 0.7 * spread(lambda scene: scene)


def test_a_shot_of_a_film_is_lit_by_its_first_frame(photo, styles, monkeypatch):
    lit_by = []
    monkeypatch.setattr(iterative, "evenly_lit", lambda scene: lit_by.append(scene.photo.pixels) or scene)
    few = {"preset": "draft", "iterations": 4, "coarsest": 64, "next_iterations": 2, "precision": "float32"}
    film = pan(photo, 3)
    paint(film_iterative.IterativeFilm([styles["mosaic"]], FilmSettings.checked(few)), film)
    (first,) = lit_by
    assert np.array_equal(quantize(unpacked(first), 8), film[0])
