from PIL import Image

from .conftest import Impasto

FAST = ("--preset", "fast", "--size", "64", "--brushes", "1")


def test_a_folder_is_painted_and_told_of(impasto: Impasto, folder) -> None:
    (folder / "photos").mkdir()
    for name in ("one.png", "two.png"):
        Image.open(folder / "photo.png").save(folder / "photos" / name)
    words = ("batch", "photos", "starry-night", "-o", "out/here", *FAST)
    ended = impasto(*words)
    assert ended.code == 0, ended.err
    assert "picture 2 of 2: two.png" in ended.err
    assert ended.err.endswith("out/here: 2 made\n")
    assert impasto(*words).err == "out/here: 2 there already\n"
    again = impasto(*words, "--strength", "0.5").err
    assert again.endswith("out/here: 2 made (2 in place of earlier files)\n")
    (folder / "mine").mkdir()
    (folder / "mine" / "two.png").write_bytes((folder / "photo.png").read_bytes())
    ended = impasto("batch", "photos", "starry-night", "-o", "mine", *FAST)
    assert ended.code == 2
    assert "two.png' is there already, and impasto did not make it" in ended.err
    assert [path.name for path in (folder / "mine").iterdir()] == ["two.png"]
    ended = impasto("batch", "photos", "starry-night", "-o", "photo.png", *FAST)
    assert ended.code == 2
    assert ended.err == "impasto: 'photo.png' is a file. Name a folder: each picture is a file in it.\n"
    (folder / "photos" / "two.png").write_bytes(b"\x89PNG\r\n\x1a\n damaged")
    ended = impasto(*words, "--quiet")
    assert ended.code == 2
    assert ended.err.startswith("impasto: two.png: ")
    assert ended.err.count("\n") == 1
