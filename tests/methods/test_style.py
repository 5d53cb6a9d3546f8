"""A style in numbers paints as its picture does."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from impasto import stylize
from impasto.engine.looks import size_of_a_look
from impasto.engine.objective import Mask
from impasto.engine.regions import Region
from impasto.errors import ImpastoError, SettingsError
from impasto.methods.feedforward import Area, hands_of
from impasto.methods.style import Painters, learned, style_to_save
from impasto.networks.adaptation import begun
from impasto.networks.feedforward import FeedForward, feedforward_file, load_feedforward
from impasto.networks.style_file import SavedStyle, load_style, style_notes
from impasto.styles import shipped


@pytest.fixture(scope="module")
def picture(styles: dict[str, Image.Image]) -> Image.Image:
    return styles["mosaic"].resize((256, 256))


@pytest.fixture
def saved(picture: Image.Image, tmp_path: Path) -> str:
    path = tmp_path / "mosaic.style"
    path.write_bytes(style_to_save(load_feedforward(), picture, "a mosaic").file())
    return str(path)


def painted(photo: Image.Image, *styles: object, **settings: object) -> torch.Tensor:
    return stylize(photo.resize((256, 256)), *styles, preset="fast", size=256, **settings).picture.pixels


def test_it_paints_as_the_picture_does(photo, picture, saved) -> None:
    expected = painted(photo, picture)
    assert (painted(photo, saved) - expected).abs().mean() < 0.02
    assert (painted(photo, photo) - expected).abs().mean() > 0.05


def test_it_blends_with_a_picture(photo, styles, picture, saved) -> None:
    both = [painted(photo, each, styles["woodcut"], style_weights="1,2") for each in (picture, saved)]
    assert (both[0] - both[1]).abs().mean() < 0.01


def test_it_paints_in_a_mask(photo, saved, tmp_path: Path) -> None:
    Image.fromarray(np.repeat(np.uint8([[0, 255]]), 128, 1).repeat(256, 0)).save(tmp_path / "mask.png")
    masked, bare = painted(photo, saved, mask=str(tmp_path / "mask.png")), painted(photo, saved, strength=0.0)
    assert (masked[..., :120] - photo_pixels(photo)[..., :120]).abs().max() < 1e-3
    assert (masked[..., 136:] - bare[..., 136:]).abs().mean() > 0.02


def photo_pixels(photo: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.array(photo.resize((256, 256)))).permute(2, 0, 1)[None] / 255


def test_only_a_style_that_was_learned_makes_another_network(picture, saved, tmp_path: Path) -> None:
    network = load_feedforward()
    for style in (saved, tmp_path / "picture.jpg"):
        with pytest.raises(SettingsError, match="nothing was learned"):
            learned(network, style)
    adaptation = {name: torch.ones_like(part) for name, part in begun(network, torch.Generator()).items()}
    (path := tmp_path / "learned.style").write_bytes(style_to_save(network, picture, adaptation=adaptation).file())
    difference = learned(network, path).get_parameter("leave.bias") - network.get_parameter("leave.bias")
    torch.testing.assert_close(difference, torch.ones(12))


def test_each_part_is_painted_as_its_styles_were_learned() -> None:
    network = FeedForward((4, 6, 8))
    learned = {name: torch.ones_like(part) for name, part in begun(network, torch.Generator()).items()}
    styles = {number: SavedStyle("", "", {}, learned) for number in (0, 2)}
    first, second, third = (torch.zeros(1, 1, 8, 8) for _ in range(3))
    first[..., :3], second[..., 3:6], third[..., 6:] = 1, 1, 1
    areas = [Area(Mask(first), 0, 1.0), Area(Mask(second), 1, 0.5), Area(Mask(third), 0, 1.0), Area(None, None, 0.0)]
    regions = [Region("a", None, (), (1.0, 3.0, 0.0)), Region("b", None, (), (0.0, 1.0, 1.0))]
    (one, here), (other, there) = hands_of(Painters(network, styles), areas, regions)
    assert here
    assert there
    assert torch.equal(here.pixels, first + third)
    assert torch.equal(there.pixels, second)
    for found, share in ((one, 0.25), (other, 0.375)):
        change = found.get_parameter("leave.bias") - network.get_parameter("leave.bias")
        torch.testing.assert_close(change, torch.full((12,), share))
    for parts in (areas[3:], [Area(None, 0, 0.0)]):
        assert hands_of(Painters(network, styles), parts, regions) == [(network, None)], "nothing is learned of photos"


def test_what_needs_the_picture_says_so(photo, saved, picture, tmp_path: Path) -> None:
    picture.save(tmp_path / "mask.png")
    for chosen, told in (
        ({"preset": "draft"}, "a search needs a picture"),
        ({"preset": "fast", "color": "match"}, "color: match needs the pictures"),
        ({"preset": "fast", "mask": "auto"}, "parts of styles are found in their pictures"),
        (
            {"preset": "fast", "mask": str(tmp_path / "mask.png"), "style_mask": (str(tmp_path / "mask.png"),)},
            "Give the color",
        ),
    ):
        with pytest.raises(ImpastoError, match=told):
            stylize(photo, saved, **chosen)


def test_each_of_two_styles_in_numbers_has_its_own_part(photo, tmp_path: Path) -> None:
    half = Image.new("L", photo.size)
    half.paste(255, (0, 0, photo.width // 2, photo.height))
    half.save(mask := tmp_path / "half.png")

    def pixels(styles, colors):
        return painted(photo, *styles, mask=str(mask), style_mask=colors)

    both = pixels(["starry-night", "scream"], ("white", "black"))
    assert torch.equal(both, pixels(["scream", "starry-night"], ("black", "white")))
    assert (both - pixels(["scream", "starry-night"], ("white", "black"))).abs().mean() > 0.02
    left = slice(0, photo.width // 4)
    alone = pixels(["starry-night"], ("white",))
    assert (both - alone)[..., left].abs().mean() < 0.02 < (both - alone)[..., -left.stop :].abs().mean()


def test_a_color_stands_for_a_map_that_has_it_all_over(photo, picture, tmp_path: Path) -> None:
    half = Image.new("RGB", photo.size, "blue")
    half.paste("red", (0, 0, photo.width // 2, photo.height))
    half.save(mask := tmp_path / "half.png")
    Image.new("RGB", picture.size, "red").save(every := tmp_path / "all.png")
    named, drawn = (painted(photo, picture, mask=str(mask), style_mask=(each,)) for each in ("red", str(every)))
    torch.testing.assert_close(named, drawn, rtol=0, atol=2 / 255)


def test_it_is_for_one_network(photo, picture, saved, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(feedforward_file(FeedForward((4, 6, 8))))
    with pytest.raises(ImpastoError, match="for another network"):
        stylize(photo, saved, preset="fast", painter=str(other))
    own = tmp_path / "own.style"
    own.write_bytes(style_to_save(load_feedforward(other), picture).file())
    assert painted(photo, str(own), painter=str(other)).shape == (1, 3, 256, 256)


def test_a_small_picture_is_seen_at_its_own_size(picture) -> None:
    assert [*style_to_save(load_feedforward(), picture.resize((100, 144))).looks] == [120]
    assert [*style_to_save(load_feedforward(), picture.resize((600, 600))).looks] == [128, 256, 512]


def test_those_that_come_with_impasto_are_whole_and_for_its_own_network() -> None:
    network = load_feedforward()
    assert len(shipped()) >= 30
    for name, path in shipped().items():
        assert min(load_style(path, network, size_of_a_look(network)).looks) >= 128, name
        assert style_notes(path)["about"], name
