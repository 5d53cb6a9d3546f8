"""A picture in one pass: sizes, tiles, regions and styles as the other method has them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from drawn import STYLES
from impasto import stylize
from impasto.engine.mask import Mask
from impasto.errors import ImpastoError
from impasto.images import PictureLike
from impasto.methods import areas, feedforward, seen
from impasto.methods.areas import Area
from impasto.networks.feedforward import FeedForward, feedforward_file
from impasto.styles import shipped


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A network that has learned nothing, but moves statistics all the same."""
    torch.manual_seed(0)
    path: Path = tmp_path_factory.mktemp("weights") / "painter.safetensors"
    path.write_bytes(feedforward_file(FeedForward((6, 8, 10))))
    return str(path)


def pixels(photo: Image.Image, *styles: Image.Image, **settings: object) -> torch.Tensor:
    return stylize(photo, *styles, method="feedforward", **settings).picture.pixels


def test_what_comes_out_may_be_changed_and_learned_of(photo, styles, painter) -> None:
    told: list[torch.Tensor] = []
    result = stylize(
        photo,
        styles["mosaic"],
        method="feedforward",
        painter=painter,
        on_progress=lambda progress: told.append(progress.preview),
    )
    for pixels in (result.picture.pixels, *told):
        weight = torch.ones(1, requires_grad=True)
        (weight * pixels).sum().backward()
        assert weight.grad == pytest.approx(float(pixels.sum()), rel=1e-5)
        pixels.zero_()


@pytest.mark.parametrize("size", [(96, 80), (37, 91), (64, 33)])
def test_any_size_comes_out_as_it_went_in(photo, styles, painter, size) -> None:
    picture = photo.resize(size)
    result = stylize(picture, styles["mosaic"], method="feedforward", painter=painter, size="original")
    assert result.image.size == size
    assert (result.stopped, result.trace) == ("painted", [])


@pytest.mark.parametrize(("precision", "most"), [("float32", 2 / 255 / 4), ("bfloat16", 1 / 255)])
def test_tiles_are_painted_as_the_whole(
    photo, styles, painter, precision: str, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = photo.resize((480, 300))
    mask = Image.fromarray(np.tile(np.linspace(0, 255, 480, dtype=np.uint8), (300, 1)))
    mask.save(path := Path(painter).with_name("mask.png"))
    for mask in ({}, {"mask": str(path)}):
        chosen = {"precision": precision, **mask}
        whole = pixels(picture, styles["mosaic"], painter=painter, size=480, **chosen)
        with monkeypatch.context() as patch:
            patch.setattr(seen, "_LONGEST", 256)
            tiled = pixels(picture, styles["mosaic"], painter=painter, size=480, **chosen)
        assert (tiled - whole).abs().max() < most


@pytest.mark.parametrize(
    ("styles", "most"),
    [([draw(width=240, height=288) for draw in STYLES.values()], 1.25), ([*shipped()][::4], 1.4)],
    ids=["seen", "learned"],
)
def test_the_network_that_comes_with_impasto_paints_hardly_a_grid(styles: list[PictureLike], most: float) -> None:
    """Pixels of a square of two differ as much from each other as from those of the next square, or not much more."""
    photo = Image.fromarray(data.astronaut()).resize((256, 256))
    found = []
    for style in styles:
        painted = stylize(photo, style, preset="fast", size=256).picture.pixels
        for rows in (painted, painted.mT):
            steps = rows.diff(dim=3).square()
            found.append(steps[..., 0::2].mean() / steps[..., 1::2].mean())
    assert 0.8 < torch.stack(found).mean() < most


@pytest.mark.parametrize(
    ("size", "brushes", "scales"),
    [((191, 900), 3, [1]), ((192, 900), 3, [0.5, 1]), ((384, 400), 3, [0.25, 0.5, 1]), ((4000, 9000), 2, [0.5, 1])],
)
def test_larger_pictures_are_painted_over_smaller_paintings(size, brushes: int, scales: list[float]) -> None:
    assert feedforward._scales(size, brushes) == scales


def test_without_strength_nothing_of_a_smaller_painting_shows(photo, styles, painter) -> None:
    picture = photo.resize((480, 400))
    for strength, equal in ((0.0, True), (0.5, False)):
        once, over = (
            pixels(picture, styles["mosaic"], painter=painter, size="original", strength=strength, brushes=brushes)
            for brushes in (1, 3)
        )
        assert torch.equal(over, once) == equal


def test_at_strength_0_the_photo_comes_out_as_it_is_and_soon_above_it_the_painting(photo, styles, painter) -> None:
    painted = {
        strength: pixels(photo, styles["mosaic"], painter=painter, size="original", strength=strength)
        for strength in (0, 0.05, 0.0999, 0.1)
    }
    original = torch.from_numpy(np.array(photo)).permute(2, 0, 1)[None] / 255
    torch.testing.assert_close(painted[0], original, atol=1e-5, rtol=0)
    assert 0 < (painted[0.05] - original).abs().mean() < (painted[0.1] - original).abs().mean()
    assert (painted[0.0999] - painted[0.1]).abs().max() < 0.01


def test_the_ends_of_a_blend_are_the_styles(photo, styles, painter) -> None:
    both = [styles["mosaic"], styles["woodcut"]]
    for number, weights in enumerate(("1,0", "0,1")):
        alone = pixels(photo, both[number], painter=painter)
        assert torch.equal(pixels(photo, *both, painter=painter, style_weights=weights), alone)


def test_strength_goes_one_way(photo, styles) -> None:
    painted = [pixels(photo, styles["mosaic"], strength=s) for s in (0, 0.25, 0.5, 0.75, 1)]
    away = [(each - painted[0]).norm().item() for each in painted]
    assert away == sorted(away)
    assert away[0] < away[1] < away[-1]


def test_what_a_mask_leaves_out_stays_the_photo(photo, styles, painter, tmp_path: Path) -> None:
    half = np.zeros((80, 96), np.uint8)
    half[:, :48] = 255
    Image.fromarray(half).save(tmp_path / "mask.png")
    painted = pixels(photo, styles["mosaic"], painter=painter, mask=str(tmp_path / "mask.png"), size=96)
    original = torch.from_numpy(np.array(photo)).permute(2, 0, 1)[None] / 255
    torch.testing.assert_close(painted[..., 52:], original[..., 52:], atol=0.003, rtol=0)
    assert (painted[..., :44] - original[..., :44]).abs().mean() > 0.01


def test_what_is_protected_stays_nearer_to_the_photo(photo, styles, tmp_path: Path) -> None:
    half = np.zeros((80, 96), np.uint8)
    half[:, 48:] = 255
    Image.fromarray(half).save(tmp_path / "mask.png")
    kept = {"protect": str(tmp_path / "mask.png")}
    nothing, free, held = (
        pixels(photo, styles["mosaic"], size=96, **chosen)
        for chosen in ({"strength": 0}, {"strength": 1}, {"strength": 1, **kept})
    )
    freely, little = ((each - nothing)[..., 60:].norm() for each in (free, held))
    assert little < 0.8 * freely


def test_what_is_protected_is_painted_by_half(photo, styles, tmp_path: Path) -> None:
    Image.new("L", (96, 80), 255).save(tmp_path / "mask.png")
    by_half = pixels(photo, styles["mosaic"], size=96, strength=0.4)
    held = pixels(photo, styles["mosaic"], size=96, strength=0.8, protect=str(tmp_path / "mask.png"))
    torch.testing.assert_close(held, by_half, atol=0.003, rtol=0)


@pytest.mark.parametrize("where", ["mask", "protect"])
def test_a_mask_that_is_white_all_over_leaves_no_hole(photo, styles, painter, tmp_path: Path, where) -> None:
    """What is outside of it is nowhere, and has no statistics."""
    Image.fromarray(np.full((80, 96), 255, np.uint8)).save(tmp_path / "white.png")
    chosen = {where: str(tmp_path / "white.png")}
    painted = pixels(photo, styles["mosaic"], painter=painter, size=96, **chosen)
    whole = pixels(photo, styles["mosaic"], painter=painter, size=96)
    assert painted.isfinite().all()
    assert where == "protect" or (painted - whole).abs().max() < 0.01


def test_what_is_protected_in_several_colors_is_painted(photo, styles, painter, tmp_path: Path) -> None:
    """Each color's mask is rounded by itself, and together they may be a little more than all there is."""
    colors = np.array([(0, 0, 0), (255, 0, 0), (255, 255, 255), (0, 255, 0)], np.uint8)
    places = np.random.default_rng(0).integers(0, 4, (23, 9)).repeat(15, 0).repeat(16, 1)
    Image.fromarray(colors[places[:, :141]]).save(tmp_path / "map.png")
    protected = {"protect": str(tmp_path / "map.png")}
    painted = pixels(photo.resize((206, 160)), styles["mosaic"], painter=painter, size="original", **protected)
    assert painted.isfinite().all()


def test_alpha_and_gray_are_kept(photo, styles, painter) -> None:
    clear = photo.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(photo.size))
    result = stylize(clear, styles["mosaic"], method="feedforward", painter=painter, color="gray", size=96)
    assert result.image.mode == "RGBA"
    assert torch.equal(result.picture.pixels[:, 0], result.picture.pixels[:, 1])


def test_what_cannot_be_painted_is_refused(photo, styles: Mapping[str, Image.Image], painter, tmp_path: Path) -> None:
    for faulty, words in (
        ({"painter": str(tmp_path / "none.safetensors")}, "there is no file"),
        ({"painter": painter, "size": 17}, "too narrow"),
        ({"painter": painter, "style_weights": "1,2,3"}, "style-weights"),
    ):
        with pytest.raises(ImpastoError, match=words):
            stylize(photo, styles["mosaic"], method="feedforward", **faulty)


@pytest.mark.parametrize(
    ("scale", "words"), [(0.05, "too narrow.* larger --style-scale"), (20, "a style of .* smaller --style-scale")]
)
def test_a_style_of_no_possible_size_is_told_by_its_scale(scale, words, photo, styles, painter, monkeypatch) -> None:
    monkeypatch.setattr(feedforward, "free_memory", lambda device: 10**9)
    with pytest.raises(ImpastoError, match=words):
        stylize(photo, styles["mosaic"], method="feedforward", painter=painter, size=256, style_scale=scale)


@pytest.mark.parametrize("color", ["black", "white", "red"])
def test_a_picture_in_which_nothing_varies_is_painted(color: str, photo) -> None:
    flat = Image.new("RGB", (200, 150), color)
    for content, style in ((flat, photo), (photo, flat), (flat, flat), (flat, "starry-night")):
        painted = stylize(content, style, preset="fast", size=160).picture.pixels
        assert painted.isfinite().all()


def test_what_is_not_painted_needs_no_protection(photo, styles, painter, tmp_path) -> None:
    """Nor is there a part of it that statistics would have to be taken of."""
    mask, protected = (Mask(torch.zeros(1, 1, 40, 48)) for _ in range(2))
    mask.pixels[..., :20, :], protected.pixels[..., :30] = 1, 1
    whole = [Area(mask, 0, 0.8), Area(Mask(1 - mask.pixels), None, 0.0)]
    assert [area.strength for area in areas._split(whole, protected)] == [0.0, 0.8, pytest.approx(0.4)]
