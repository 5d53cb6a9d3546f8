"""Films painted in one pass for each frame."""

import itertools

import numpy as np
import pytest
import torch
from methods.films import apart, cued, curtain, finished, goes_on_to, paint, pan
from PIL import Image

from impasto.errors import ImpastoError, SettingsError
from impasto.jobs.run import stylize
from impasto.methods.film_feedforward import FeedForwardFilm
from impasto.settings import FilmSettings


def painter(*styles, **settings):
    return FeedForwardFilm(styles, FilmSettings.checked(settings))


def picture(frame, *styles, **settings):
    return np.asarray(stylize(frame, *styles, preset="fast", brushes=1, size="original", **settings).image)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"strength": 0.8, "style_weights": "3,1"},
        {"color": "content"},
        {"color": "match"},
        {"color": "histogram"},
        {"color": "gray", "style_scale": 0.8},
    ],
)
def test_a_film_of_one_frame_is_the_picture(photo, styles, settings):
    both = [styles["mosaic"], styles["woodcut"]]
    (frame,) = pan(photo, 1, width=70, height=50)
    (painted,) = paint(painter(*both, **settings), [frame])
    assert np.array_equal(painted, picture(frame, *both, **settings))


def test_a_style_too_small_for_the_network_is_told_by_its_scale(photo, styles):
    with pytest.raises(ImpastoError, match=r"too narrow.* larger --style-scale"):
        paint(painter(styles["mosaic"], style_scale=0.05), pan(photo, 1))


def test_the_same_frame_gets_the_same_painting_and_one_with_noise_too(photo):
    (frame,) = pan(photo, 1)
    noise = np.random.default_rng(0).integers(-2, 3, (4, *frame.shape))
    film = [frame, frame, *(np.clip(frame + each, 0, 255).astype(np.uint8) for each in noise), frame]
    first, *others = paint(painter("scream"), film)
    assert all(np.array_equal(first, other) for other in others)


def test_what_stands_still_beside_what_moves_stays_as_it_is(photo):
    film = []
    for number in range(5):
        frame = pan(photo, 1, width=96, height=64)[0].copy()
        frame[10:26, 8 + 3 * number : 24 + 3 * number] = (220, 40, 30)
        film.append(frame)
    first, *others = paint(painter("scream"), film)
    for other in others:
        assert np.array_equal(first[:, 56:], other[:, 56:])
        assert not np.array_equal(first, other)


def test_a_pan_is_steadier_than_frames_by_themselves_and_as_sharp(photo):
    film = pan(photo, 10, step=2, width=96, height=64)

    def flicker(paintings):
        return np.mean([apart(before[:, 18:-16], after[:, 16:-18]) for before, after in itertools.pairwise(paintings)])

    def contrast(paintings):
        return np.mean([np.abs(np.diff(each.astype(int), axis=1)).mean() for each in paintings[5:]])

    steady, alone = paint(painter("scream"), film), paint(painter("scream", steadiness=0), film)
    assert flicker(steady) < flicker(alone) / 2
    assert contrast(steady) > 0.9 * contrast(alone)


def test_without_steadiness_every_frame_is_a_picture(photo, styles):
    film = pan(photo, 3)
    assert painter("scream", steadiness=0).steps_back == (), "and no motion is searched for"
    for frame, painted in zip(film, paint(painter(styles["mosaic"], steadiness=0), film), strict=True):
        assert np.array_equal(painted, picture(frame, styles["mosaic"]))


def test_a_cut_starts_afresh(photo, styles):
    first = pan(photo, 3, width=96, height=64)
    second = pan(Image.fromarray(np.asarray(photo)[::-1, ::-1, ::-1].copy()), 3, width=96, height=64)
    together, alone = painter(styles["mosaic"]), painter(styles["mosaic"])
    cues = cued([*first, *second])
    assert [cue.begins for cue in cues] == [True, False, False, True, False, False]
    painted = [each.painting for each in finished(together, cues)]
    assert all(np.array_equal(*pair) for pair in zip(painted[3:], paint(alone, second), strict=True))


def test_styles_that_come_later_begin_and_end_alone(photo, styles, tmp_path):
    frame, later = pan(photo, 1)[0], tmp_path / "woodcut.png"
    styles["woodcut"].save(later)
    film = [frame] * 32
    painted = paint(painter(styles["mosaic"], style_at=[f"1={later}"], steadiness=0.7), film, rate=10)
    mosaic, woodcut = picture(frame, styles["mosaic"]), picture(frame, styles["woodcut"])
    assert np.array_equal(painted[0], mosaic)
    assert apart(painted[-1], woodcut) < 0.5
    assert np.array_equal(painted[-1], painted[-2]), "once it has come, the picture stands still again"
    ways, left = ([apart(painted[number], end) for number in (0, 4, 8, 12, 20)] for end in (mosaic, woodcut))
    assert ways == sorted(ways)
    assert left == sorted(left, reverse=True), "it comes nearer to the end"


def between(painter, frames):
    """Which frames are made of their neighbors."""
    return [each.state is None for each in finished(painter, cued(frames))]


def test_frames_are_made_of_the_paintings_around_them_where_these_show_them(photo, tmp_path):
    film = pan(photo, 9, width=128, height=96)
    assert between(painter("scream"), film) == [False, *[True, True, False] * 2, True, False], "the last is painted"
    assert between(painter("scream", paint_every=2), film[:6]) == [False, True, False, True, False, False]
    assert not any(between(painter("scream", paint_every=1), film))
    Image.fromarray(np.full((96, 128), 255, np.uint8)).save(tmp_path / "all.png")
    assert not any(between(painter("scream", mask=tmp_path / "all.png"), film))


@pytest.mark.parametrize("every", [2, 3])
def test_a_frame_between_is_like_one_that_is_painted(photo, every):
    film = pan(photo, 8, width=128, height=96)
    some, all_of_them = (paint(painter("scream", paint_every=each), film) for each in (every, 1))
    for number in range(1, 7):
        painted, wrong = all_of_them[number], all_of_them[number - 1]
        assert apart(some[number][8:-8, 8:-8], painted[8:-8, 8:-8]) < apart(wrong[8:-8, 8:-8], painted[8:-8, 8:-8])


def test_what_is_there_for_one_frame_is_in_its_painting(photo):
    film = [pan(photo, 1, width=192, height=128)[0]] * 3
    film[1] = film[1].copy()
    film[1][40:52, 60:72] = (250, 250, 250)
    assert between(painter("scream"), film)[1]
    before, now, after = paint(painter("scream"), film)
    assert apart(now[42:50, 62:70], before[42:50, 62:70]) > 30
    assert apart(before, after) < 1
    film[1] = film[1].copy()
    film[1][10:90, 10:150] = (250, 250, 250)
    assert not between(painter("scream"), film)[1], "a frame of which much is new is painted"


def test_a_mask_holds_for_all_frames_and_a_folder_frame_by_frame(photo, tmp_path):
    film = pan(photo, 3)
    left, right, none = (np.zeros((48, 64), np.uint8) for _ in range(3))
    left[:, :32], right[:, 32:] = 255, 255
    Image.fromarray(left).save(tmp_path / "one.png")
    (tmp_path / "all").mkdir()
    for name, mask in (("mask-2", left), ("mask-10", right), ("mask-11", none)):
        Image.fromarray(mask).save(tmp_path / "all" / f"{name}.png")
    for frame, painted in zip(film, paint(painter("scream", mask=tmp_path / "one.png"), film), strict=True):
        assert np.array_equal(painted[:, 34:], frame[:, 34:])
        assert apart(painted[:, :30], frame[:, :30]) > 5
    first, second, third = paint(painter("scream", mask=tmp_path / "all"), film)
    assert np.array_equal(first[:, 34:], film[0][:, 34:])
    assert np.array_equal(second[:, :30], film[1][:, :30])
    assert np.array_equal(third, film[2])


@pytest.mark.parametrize("step", [0, 2])
def test_what_a_mask_uncovers_is_painted_at_once(photo, tmp_path, step):
    film, masks = pan(photo, 3, step), curtain(tmp_path / "masks", 0.25, 0.25, 1)
    *_, uncovered = paint(painter("scream", mask=masks), film)
    *_, always = paint(painter("scream"), film)
    where = slice(24, 60)
    assert apart(uncovered[:, where], film[2][:, where]) > 0.7 * apart(always[:, where], film[2][:, where])


def test_what_was_painted_beside_a_mask_that_moved_on_does_not_stay(photo, tmp_path):
    film, masks = pan(photo, 60, step=0), curtain(tmp_path / "masks", 0.5, *[1] * 59)
    film = [frame + np.uint8(number % 2) for number, frame in enumerate(film)]
    _, first, *_, before, last = paint(painter("scream", mask=masks), film)
    assert apart(first[:, :32], last[:, :32]) > 1
    assert np.array_equal(before, last), "in the end nothing moves"


def test_a_protected_part_stays_nearer_to_the_film(photo, tmp_path):
    left = np.zeros((48, 64), np.uint8)
    left[:, :32] = 255
    Image.fromarray(left).save(tmp_path / "keep.png")
    film = pan(photo, 2)
    plain, kept = paint(painter("scream"), film)[1], paint(painter("scream", protect=tmp_path / "keep.png"), film)[1]
    assert apart(kept[:, :28], film[1][:, :28]) < 0.7 * apart(plain[:, :28], film[1][:, :28])


@pytest.mark.parametrize("color", ["style", "match", "histogram"])
def test_a_state_goes_on_to_the_same_paintings(photo, styles, color, tmp_path):
    styles["woodcut"].save(tmp_path / "woodcut.png")
    settings = {"color": color, "style_at": [f"0:01={tmp_path / 'woodcut.png'}"]}
    film = cued(pan(photo, 8))
    whole = finished(painter(styles["mosaic"], **settings), film)
    goes_on_to(whole, film, lambda: painter(styles["mosaic"], **settings))


@pytest.mark.parametrize("step", [0, 2])
def test_a_state_goes_on_with_masks_that_move(photo, tmp_path, step):
    settings = {
        "mask": curtain(tmp_path / "masks", 0.25, 0.5, 0.5, 0.75, 0.75),
        "protect": tmp_path / "masks" / "0.png",
    }
    film = cued([frame + np.uint8(number % 2) for number, frame in enumerate(pan(photo, 6, step))])
    whole = finished(painter("scream", **settings), film)
    goes_on_to(whole, film, lambda: painter("scream", **settings))


def test_a_state_goes_on_where_a_region_has_come_later(photo, styles, tmp_path):
    """Its colors are learned from the frame in which it comes, and by whoever goes on from there, too."""
    both = np.zeros((48, 64, 3), np.uint8)
    both[:, :32, 0], both[:, 32:, 1] = 255, 255
    red = np.zeros_like(both)
    red[..., 0] = 255
    (tmp_path / "masks").mkdir()
    for number in range(7):
        Image.fromarray(both if number >= 2 else red).save(tmp_path / "masks" / f"{number}.png")
    Image.fromarray(both).resize(styles["mosaic"].size, 0).save(tmp_path / "style.png")
    settings = {"color": "histogram", "mask": tmp_path / "masks", "style_mask": str(tmp_path / "style.png")}
    film = cued([frame * np.uint8(1 + number % 2) for number, frame in enumerate(pan(photo, 7, step=4))])
    whole = finished(painter(styles["mosaic"], **settings), film)
    goes_on_to(whole, film, lambda: painter(styles["mosaic"], **settings))


def test_the_color_of_a_shot_is_changed_in_one_way(photo, styles):
    """A frame half of which turns dark keeps its other half's colors: learned anew, they would be stretched."""
    film = pan(photo, 2, step=0)
    film[1] = film[1].copy()
    film[1][:, :32] = 0
    one = paint(painter(styles["mosaic"], color="histogram", steadiness=0), film)[1]
    anew = picture(film[1], styles["mosaic"], color="histogram")
    plain = paint(painter(styles["mosaic"], color="histogram", steadiness=0), film[:1])[0]
    assert apart(one[:, 44:], plain[:, 44:]) < apart(anew[:, 44:], plain[:, 44:])


def test_what_cannot_be_had_is_refused(tmp_path, photo):
    with pytest.raises(ImpastoError, match="there is no style"):
        painter("none.style")
    (tmp_path / "masks").mkdir()
    with pytest.raises(SettingsError, match="there is no file in the folder"):
        painter("scream", mask=tmp_path / "masks")
    (tmp_path / "masks" / "notes.txt").touch()
    with pytest.raises(SettingsError, match="there is no file in the folder"):
        painter("scream", mask=tmp_path / "masks")
    with pytest.raises(SettingsError, match="style-weights: one for each style"):
        painter("scream", style_weights="1,2")


def test_painting_leaves_no_gradient_behind(photo):
    film = painter("scream")
    paint(film, pan(photo, 2))
    assert not torch.is_inference_mode_enabled()
