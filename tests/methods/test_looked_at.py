"""A style that was looked at before is not looked at again; nothing else is taken for it."""

import pytest
import torch
from PIL import Image

import impasto
from impasto.devices import Compute
from impasto.engine.looks import Look
from impasto.images.packing import packed
from impasto.methods import looked_at
from impasto.methods.looked_at import StylePicture
from impasto.methods.painters import painter_for
from impasto.methods.scene import packed_at
from impasto.networks.feedforward import FeedForward, load_feedforward
from impasto.recent import Recent

CPU = torch.device("cpu")


def look_of(painter: FeedForward, picture: torch.Tensor, scale: float = 1) -> Look:
    return StylePicture(painter, picture, CPU).look(scale)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[torch.Size]:
    """The shapes of pictures that were really looked at."""
    done = []

    class Counted(looked_at.Seen):
        def __init__(self, painter: FeedForward, picture: torch.Tensor, device: torch.device) -> None:
            done.append(picture.shape)
            super().__init__(painter, picture, device)

    monkeypatch.setattr(looked_at, "Seen", Counted)
    monkeypatch.setattr(looked_at, "_looks", Recent(64))
    return done


@pytest.fixture
def picture() -> torch.Tensor:
    return packed(torch.rand(1, 3, 40, 48, generator=torch.Generator().manual_seed(3)))


def test_a_picture_is_looked_at_once(looks, picture) -> None:
    painter = load_feedforward()
    with torch.inference_mode():
        first, second = (look_of(painter, each) for each in (picture, picture.clone()))
    assert second is first
    assert len(looks) == 1


def test_other_pixels_other_shapes_and_other_networks_have_looks_of_their_own(looks, picture) -> None:
    painter, changed = load_feedforward(), picture.to(torch.int32)
    changed[0, 0, 0, 0] ^= 1
    others = (changed.to(torch.uint16), picture.reshape(1, 3, 48, 40))
    with torch.inference_mode():
        look_of(painter, picture)
        look_of(painter, picture, 0.8)
        for other in others:
            look_of(painter, other)
        look_of(load_feedforward().computing(torch.bfloat16), picture)
        unsaved = FeedForward((4, 6, 8)).requires_grad_(False)  # of which no file tells what it is
        look_of(unsaved, picture)
        look_of(unsaved, picture)
    assert len(looks) == 7


def test_a_style_whose_look_is_known_is_not_even_shrunk(looks, picture, monkeypatch) -> None:
    painter, shrunk = load_feedforward(), []
    monkeypatch.setattr(looked_at, "packed_at", lambda *given: shrunk.append(given) or packed_at(*given))
    with torch.inference_mode():
        for _ in range(3):
            style = StylePicture(painter, picture, CPU)
            for scale in (0.8, 1):
                style.look(scale)
    assert [scale for _, scale in shrunk] == [0.8, 1]


def test_only_the_last_looks_are_kept(looks, monkeypatch) -> None:
    monkeypatch.setattr(looked_at, "_looks", Recent(2))
    painter = load_feedforward()
    pictures = [packed(torch.full((1, 3, 32, 32), share)) for share in (0.2, 0.4, 0.6)]
    with torch.inference_mode():
        for each in (*pictures, pictures[2], pictures[0]):
            look_of(painter, each)
    assert len(looks) == 4, "the first was forgotten, the last was not"


def test_photos_in_the_same_style_come_out_as_each_by_itself(looks, photo, styles, monkeypatch) -> None:
    photos = [photo, photo.transpose(Image.Transpose.FLIP_TOP_BOTTOM)]

    def painted(each: Image.Image) -> torch.Tensor:
        return impasto.stylize(each, styles["mosaic"], preset="fast", size=96).picture.pixels

    together = [painted(each) for each in photos]
    seen = len(looks)
    for each, known in zip(photos, together, strict=True):
        monkeypatch.setattr(looked_at, "_looks", Recent(64))
        assert torch.equal(painted(each), known)
    assert seen < len(looks)


def test_the_network_that_comes_with_impasto_is_loaded_once_and_painting_leaves_it_as_it_is(photo, styles) -> None:
    compute = Compute(CPU, torch.float32)
    painter = painter_for("", compute)
    before = {name: weight.clone() for name, weight in painter.state_dict().items()}
    impasto.stylize(photo, styles["mosaic"], preset="fast", size=96, precision="float32", strength=0.7)
    impasto.stylize(photo, "scream", preset="fast", size=96, precision="float32")
    assert painter_for("", compute) is painter
    assert all(torch.equal(weight, before[name]) for name, weight in painter.state_dict().items())
