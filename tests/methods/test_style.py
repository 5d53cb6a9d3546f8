"""A style in numbers paints as its picture does."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from impasto import stylize
from impasto.engine.looks import at_strength, look, size_of_a_light, size_of_a_look
from impasto.engine.mask import Mask
from impasto.engine.regions import Region
from impasto.errors import ImpastoError, SettingsError
from impasto.methods.areas import Area, aims
from impasto.methods.crew import crew_of
from impasto.methods.painters import Painters
from impasto.methods.style import for_one_style, look_of_saved, style_to_save
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


def test_a_network_for_one_style_has_its_hand_and_what_was_learned(picture, saved, tmp_path: Path) -> None:
    network = load_feedforward()
    with pytest.raises(SettingsError, match="is no saved style"):
        for_one_style(network, tmp_path / "picture.jpg")
    known = look_of_saved(
        network, load_style(Path(saved), network, size_of_a_look(network), size_of_a_light(network)), 512
    )
    change = for_one_style(network, saved).get_parameter("up.0.weight") - network.get_parameter("up.0.weight")
    torch.testing.assert_close(change, network.up[0].change(known.hand), atol=1e-5, rtol=1e-3)
    assert change.abs().max() > 1e-3
    adaptation = {name: torch.ones_like(part) for name, part in begun(network, torch.Generator()).items()}
    (path := tmp_path / "learned.style").write_bytes(style_to_save(network, picture, adaptation=adaptation).file())
    difference = for_one_style(network, path).get_parameter("leave.bias") - network.get_parameter("leave.bias")
    torch.testing.assert_close(difference, torch.ones(12))


def test_each_part_is_painted_as_its_styles_were_learned() -> None:
    network = FeedForward((4, 6, 8))
    learned = {name: torch.ones_like(part) for name, part in begun(network, torch.Generator()).items()}
    styles = {number: SavedStyle("", "", {}, learned) for number in (0, 2)}
    own = look(network, torch.rand(1, 3, 32, 32))
    still = at_strength(own, own, 0.0)
    first, second, third = (torch.zeros(1, 1, 8, 8) for _ in range(3))
    first[..., :3], second[..., 3:6], third[..., 6:] = 1, 1, 1
    areas = [Area(Mask(first), 0, 1.0), Area(Mask(second), 1, 0.5), Area(Mask(third), 0, 1.0), Area(None, None, 0.0)]
    regions = [Region("a", None, (), (1.0, 3.0, 0.0)), Region("b", None, (), (0.0, 1.0, 1.0))]
    (one, here, first_area), (other, there, second_area) = crew_of(
        Painters(network, styles), areas, regions, [(None, still)] * 4
    )
    assert here
    assert there
    assert (first_area, second_area) == (0, 1)
    assert torch.equal(here.pixels, first + third)
    assert torch.equal(there.pixels, second)
    for found, share in ((one, 0.25), (other, 0.375)):
        change = found.get_parameter("leave.bias") - network.get_parameter("leave.bias")
        torch.testing.assert_close(change, torch.full((12,), share))
    for parts in (areas[3:], [Area(None, 0, 0.0)]):
        found = crew_of(Painters(network, styles), parts, regions, [(None, still)])
        assert found == [(network, None, 0)], "nothing is learned of photos"


def test_each_part_is_painted_by_the_hand_of_its_own_style() -> None:
    torch.manual_seed(0)
    network = FeedForward((4, 6, 8)).requires_grad_(False)
    changing = network.get_parameter("up.0.wide")
    changing.normal_()
    own, one, other = (look(network, torch.rand(1, 3, 32, 32) ** power) for power in (1, 3, 0.3))
    left, right = torch.zeros(2, 1, 1, 8, 8)
    left[..., :5], right[..., 5:] = 1, 1
    areas = [Area(Mask(left), 0, 1.0), Area(Mask(right), 1, 0.5)]
    regions = [Region("a", None, (), (1.0, 0.0)), Region("b", None, (), (0.0, 1.0))]
    aimed = aims(areas, [area.where for area in areas], [own, own], [one, other])
    (first, here, _), (second, there, _) = crew_of(Painters(network, {}), areas, regions, aimed)
    assert here
    assert there
    assert torch.equal(here.pixels, left)
    assert torch.equal(there.pixels, right)
    for painter, hand in ((first, one.hand), (second, 0.75 * other.hand)):  # 0.75 is the share at strength 0.5
        change = painter.get_parameter("up.0.weight") - network.get_parameter("up.0.weight")
        torch.testing.assert_close(change, network.up[0].change(hand), atol=1e-6, rtol=1e-4)
        assert change.abs().max() > 1e-3


def test_parts_in_the_same_styles_are_painted_by_one_hand_between_theirs() -> None:
    """Many regions would else be many paintings."""
    torch.manual_seed(0)
    network = FeedForward((4, 6, 8)).requires_grad_(False)
    network.get_parameter("up.0.wide").normal_()
    looks = [look(network, torch.rand(1, 3, 32, 32) ** power) for power in (1, 3)]
    first, second = Painters(network, {}).at([[1.0], [1.0 + 1e-9]], looks)
    assert first is second
    middle = torch.stack([each.hand for each in looks]).mean(0)
    change = first.get_parameter("up.0.weight") - network.get_parameter("up.0.weight")
    torch.testing.assert_close(change, network.up[0].change(middle), atol=1e-6, rtol=1e-4)


def test_what_was_made_of_the_network_that_comes_with_impasto_is_found_again() -> None:
    network = load_feedforward()
    with torch.inference_mode():
        known, other = (look(network, torch.rand(1, 3, 64, 64) ** power) for power in (1, 3))
        (once,), (again,) = (Painters(network, {}).at([[1.0]], [known]) for _ in range(2))
        (another,) = Painters(network, {}).at([[1.0]], [other])
    assert once is again is not another
    assert once.enter is network.enter, "what sees is the same for all"
    assert once.up[0] is not network.up[0]


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


def test_a_strip_is_seen_where_it_is_wide_enough_to_be_seen(picture) -> None:
    """At the area of a square of 128 pixels it would be 13 pixels wide."""
    assert [*style_to_save(load_feedforward(), picture.resize((3000, 30))).looks] == [256]


def test_what_is_no_text_cannot_be_kept_of_a_style(picture) -> None:
    with pytest.raises(SettingsError, match=r"about: .* is no text"):
        style_to_save(load_feedforward(), picture, "caf\udce9")


def test_those_that_come_with_impasto_are_whole_and_for_its_own_network() -> None:
    network = load_feedforward()
    assert len(shipped()) >= 30
    for name, path in shipped().items():
        style = load_style(path, network, size_of_a_look(network), size_of_a_light(network))
        assert min(style.looks) >= 128, name
        assert style.lights.keys() == style.looks.keys(), name
        assert style_notes(path)["about"], name
