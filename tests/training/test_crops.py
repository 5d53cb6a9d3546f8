from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from impasto.errors import ImageError, SettingsError
from impasto.training.crops import Crops, KeptCrops, split


def test_a_number_is_a_piece_whatever_was_asked_before(folders: list[Path]) -> None:
    trained, _ = split(folders)
    crops = Crops(trained, 32, seed=3)
    forward, backward = crops(range(6)), crops(range(5, -1, -1))
    assert forward.shape == (6, 3, 32, 32)
    assert torch.equal(forward, backward.flip(0))
    assert not torch.equal(forward, Crops(trained, 32, seed=4)(range(6)))


def test_pieces_come_from_each_folder_in_turn_and_from_all_of_the_picture(tmp_path: Path) -> None:
    """A picture whose red is its row and whose green is its column, and one that is blue."""
    rows, columns = np.mgrid[0:100, 0:100].astype(np.uint8)
    Image.fromarray(np.stack([rows, columns, 0 * rows], axis=2)).save(tmp_path / "ramps.png")
    Image.new("RGB", (60, 90), (0, 0, 255)).save(tmp_path / "blue.png")
    pieces = Crops([[tmp_path / "ramps.png"], [tmp_path / "blue.png"]], 32)(range(200))
    blue = pieces[:, 2].mean((1, 2))
    assert (blue[1::2] > 0.99).all()
    assert (blue[::2] < 0.01).all()
    tops, lefts = pieces[::2, 0].amin((1, 2)) * 255, pieces[::2, 1].amin((1, 2)) * 255
    for starts in (tops, lefts):
        assert starts.min() < 5
        assert starts.max() > 50
    turned = pieces[::2, 1, 0, 0] > pieces[::2, 1, 0, -1]  # left and right are exchanged in about half of them
    assert 30 < turned.sum() < 70
    heights = (pieces[::2, 0, -1, 0] - pieces[::2, 0, 0, 0]) * 255
    assert heights.max() > 90  # all of the picture in a piece...
    assert heights.min() < 50  # ...down to less than half of it


def test_one_of_twenty_is_held_out(tmp_path: Path) -> None:
    for number in range(41):
        Image.new("RGB", (16, 16)).save(tmp_path / f"{number:02}.png")
    (tmp_path / "notes.txt").touch()
    trained, held_out = split([tmp_path])
    assert [path.name for path in held_out[0]] == ["00.png", "20.png", "40.png"]
    assert len(trained[0]) == 38
    assert not {*trained[0]} & {*held_out[0]}


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="a folder with two pictures or more is needed, and it has 0"):
        split([tmp_path])
    with pytest.raises(SettingsError, match="it is not there"):
        split([tmp_path / "nowhere"])


def test_what_is_no_picture_is_said_before_the_training(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (20, 20)).save(tmp_path / name)
    (tmp_path / "._a.jpg").write_bytes(b"hidden")
    (tmp_path / "c.jpg").mkdir()
    assert sum(map(len, split([tmp_path])[0] + split([tmp_path])[1])) == 2
    (tmp_path / "d.jpg").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"d\.jpg"):
        split([tmp_path])


def test_a_picture_that_is_too_small_is_said_before_the_training(tmp_path: Path) -> None:
    for name, side in (("a.png", 40), ("b.png", 40), ("icon.png", 12)):
        Image.new("RGB", (side, side)).save(tmp_path / name)
    with pytest.raises(ImageError, match=r"icon\.png.*under 16 pixels"):
        split([tmp_path])


def test_pictures_that_are_kept_give_the_same_pieces_each_time(folders: list[Path], monkeypatch) -> None:
    trained, _ = split(folders)
    crops = KeptCrops(trained, 64)
    first = crops(range(8))
    assert first.shape == (8, 3, 64, 64)
    assert 0 <= first.min() < first.max() <= 1
    assert torch.equal(crops(range(8)), first)
    monkeypatch.setattr("impasto.training.crops._ROOM", 1)
    assert torch.equal(KeptCrops(trained, 64)(range(8)), first)
    assert not torch.equal(KeptCrops(trained, 64, seed=1)(range(8)), first)


def test_a_damaged_picture_is_passed_over_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        pixels = np.random.default_rng(number).integers(0, 255, (64, 64, 3), np.uint8)
        Image.fromarray(pixels).save(path)
    expected = Crops([paths], 32)(range(40))
    paths[1].write_bytes(paths[1].read_bytes()[:1500])  # its header is whole
    assert split([tmp_path])
    for crops in (Crops([paths], 32), KeptCrops([paths], 32)):
        caplog.clear()
        pieces = crops(range(40))
        assert torch.equal(crops(range(40)), pieces)  # still the same, whenever they are asked for
        assert sum("1.jpg" in told for told in caplog.messages) == 1
        if type(crops) is Crops:
            kept = [torch.equal(*each) for each in zip(pieces, expected, strict=True)]
            assert 20 < sum(kept) < 35  # what is whole is drawn as before
    with pytest.raises(ImageError, match=r"1\.jpg"):
        Crops([[paths[1]]], 32)([0])
    assert len([*Crops([[path] for path in paths], 32).readable(range(3))]) == 2
    with pytest.raises(ImageError, match=r"1\.jpg"):
        Crops([[paths[1]] * 2], 32)([0])
