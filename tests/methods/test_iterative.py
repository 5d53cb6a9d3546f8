import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from torch.utils._python_dispatch import TorchDispatchMode

import impasto
from impasto.engine.balance import balance
from impasto.engine.regions import regions, whole
from impasto.errors import DeviceError, ImageError, SettingsError
from impasto.images.packing import unpacked
from impasto.images.regions import resized_mask
from impasto.losses import STYLE_LOSSES
from impasto.methods import iterative, masks, scene
from impasto.networks.student import Student
from impasto.networks.vgg import Vgg

QUICK = {"size": 48, "iterations": 6, "coarsest": 32, "style_layers": "relu1_1,relu2_1", "content_layers": "relu2_1"}
QUICK |= {"protect": "none"}  # the photo is a face


def stylize(photo, *styles, **settings):
    return impasto.stylize(photo, *styles, **{**QUICK, **settings})


def style_loss(result):
    return sum(loss for name, loss in result.trace[-1]["losses"].items() if name.startswith("style"))


@pytest.mark.parametrize(("size", "shape"), [(48, (40, 48)), (64, (53, 64)), ("original", (80, 96))])
def test_the_result_has_the_size_asked_for_and_the_shape_of_the_photo(photo, styles, size, shape):
    result = stylize(photo, styles["mosaic"], size=size, iterations=3)
    assert result.picture.shape == shape
    assert result.image.size == shape[::-1]


@pytest.mark.parametrize(("share", "handed_back"), [(0.6, []), (0.0, ["handed back"])])
def test_freed_memory_goes_back_from_before_a_large_picture_is_read(photo, styles, monkeypatch, share, handed_back):
    """Later the C library would keep what reading took, for as long as the search goes on."""
    done = []
    for piece in ("_WHOLE", "_TILE"):  # the share of free memory that is looked at at once
        monkeypatch.setattr(f"impasto.engine.memory.{piece}", share)
    monkeypatch.setattr("impasto.engine.memory._SMALL", 0)
    monkeypatch.setattr("impasto.allocator.hand_back_large_memory", lambda: done.append("handed back"))
    read = scene.read

    def reading(source, settings, size):
        picture = read(source, settings, size)
        done.append("read")
        return picture

    monkeypatch.setattr(scene, "read", reading)
    stylize(photo, styles["mosaic"], iterations=2)
    assert done[: len(handed_back) + 1] == [*handed_back, "read"]


def test_strength_zero_gives_the_photo_back(photo, styles):
    result = stylize(photo, styles["mosaic"], strength=0, size="original", coarsest=96)
    difference = np.abs(np.asarray(result.image, int) - np.asarray(photo, int))
    assert difference.max() <= 2


def test_style_comes_closer_and_content_stays_known(photo, styles):
    result = stylize(photo, styles["woodcut"], iterations=40, strength=0.6)
    first, last = result.trace[0]["losses"], result.trace[-1]["losses"]
    assert last["style relu2_1"] < 0.2 * first["style relu2_1"]
    correlation = np.corrcoef(np.asarray(result.image.convert("L")).ravel(), luminance_of(photo, result.image.size))
    assert correlation[0, 1] > 0.4


def luminance_of(photo, size):
    return np.asarray(photo.convert("L").resize(size, Image.Resampling.LANCZOS)).ravel()


def test_two_styles_are_two_pulls_and_a_weight_of_zero_is_none(photo, styles):
    mosaic, woodcut = styles["mosaic"], styles["woodcut"]
    both = stylize(photo, mosaic, woodcut, style_weights="1,0", style_loss="gram", chroma_weight=0)
    alone = stylize(photo, mosaic, style_loss="gram", chroma_weight=0)
    assert np.array_equal(np.asarray(both.image), np.asarray(alone.image))
    assert {name.rpartition(" ")[0] for name in both.trace[0]["losses"]} == {"content", "style 1"}
    assert alone.trace[0]["losses"].keys() == {"content relu2_1", "style relu1_1", "style relu2_1"}


@pytest.mark.parametrize("loss", ["nearest-neighbor", "relaxed-emd"])
def test_a_style_without_weight_is_not_seen_in_hypercolumns_either(photo, styles, loss):
    mosaic, woodcut = styles["mosaic"], styles["woodcut"]
    both = stylize(photo, mosaic, woodcut, style_weights="1,0", style_loss=loss, iterations=2)
    alone = stylize(photo, mosaic, style_loss=loss, iterations=2)
    assert np.array_equal(np.asarray(both.image), np.asarray(alone.image))


def test_a_weight_for_each_style_or_none(photo, styles):
    with pytest.raises(SettingsError, match="3 given, 1 needed"):
        stylize(photo, styles["mosaic"], style_weights="1,2,3")


def test_no_style_at_all_is_an_error(photo):
    with pytest.raises(SettingsError, match="no style"):
        impasto.stylize(photo)


def test_the_same_seed_gives_the_same_picture_and_another_one_another(photo, styles):
    def noise(seed):
        return np.asarray(stylize(photo, styles["mosaic"], init="noise", seed=seed).image)

    assert np.array_equal(noise(3), noise(3))
    assert not np.array_equal(noise(3), noise(4))


def test_a_seed_gives_the_same_noise_whatever_numbers_are_by_default(photo, styles, request):
    def begun():
        told = []
        stylize(photo, styles["mosaic"], init="noise", on_progress=told.append)
        return told[0].image.float()

    plain = begun()
    request.getfixturevalue("float64_by_default")
    torch.testing.assert_close(begun(), plain, atol=0.01, rtol=0)


def test_no_checkerboard_is_left_of_noise(photo, styles):
    gray = np.asarray(
        stylize(photo, styles["ink_wash"], size=96, coarsest=96, init="noise", iterations=30).image.convert("L"), float
    )
    squares = gray[1:, 1:] - gray[1:, :-1] - gray[:-1, 1:] + gray[:-1, :-1]
    assert (squares**2).mean() < 0.5 * gray.var()  # of noise, or of a checkerboard, it would be 4 times and more


def test_noise_begins_in_the_colors_of_the_style(photo):
    told = []
    stripes = np.uint8([90, 130]).repeat(32).repeat(3 * 64).reshape(64, 64, 3)
    stylize(photo, Image.fromarray(stripes), init="noise", on_progress=told.append)
    first = told[0].image * 255
    assert first.min() > 80
    assert first.max() < 140
    assert first.std() > 5


def test_a_blank_start_is_uniform_in_the_color_of_the_style(photo, styles):
    told = []
    stylize(photo, styles["mosaic"], init="blank", on_progress=told.append)
    first = told[0].image
    assert first.flatten(2).std(2).max() < 1e-6
    mean = np.asarray(styles["mosaic"], np.float32).reshape(-1, 3).mean(0) / 255
    # Not quite the mean of these numbers: the picture was made smaller in linear light.
    np.testing.assert_allclose(first[0, :, 0, 0].numpy(), mean, atol=0.05)


@pytest.mark.parametrize("name", ["start.png", "no-ending"])
def test_a_start_from_a_file(photo, styles, tmp_path, name):
    styles["ink_wash"].save(tmp_path / name, format="PNG")
    told = []
    settings = {"init": str(tmp_path / name), "size": 96, "coarsest": 96}
    stylize(photo, styles["mosaic"], on_progress=told.append, **settings)
    start = np.asarray(styles["ink_wash"].resize((96, 80), Image.Resampling.LANCZOS), np.float32) / 255
    assert np.abs(told[0].image[0].permute(1, 2, 0).numpy() - start).mean() < 0.02


def test_content_colors_are_the_photos(photo, styles):
    from impasto.images.color import srgb_to_oklab

    result = stylize(photo, styles["mosaic"], color="content", size="original")
    pixels = torch.from_numpy(np.asarray(photo, np.float32) / 255).permute(2, 0, 1)[None]
    painted, own = srgb_to_oklab(result.picture.pixels), srgb_to_oklab(pixels)
    hue, own_hue = (torch.atan2(lab[:, 2], lab[:, 1]) for lab in (painted, own))
    colorful = (own[:, 1:].norm(dim=1) > 0.05) & (painted[:, 1:].norm(dim=1) > 0.02)
    assert colorful.float().mean() > 0.2
    assert torch.cos(hue - own_hue)[colorful].min() > 0.99


def test_gray_gives_gray(photo, styles):
    pixels = stylize(photo, styles["mosaic"], color="gray").picture.pixels
    assert torch.equal(pixels[:, :1].expand_as(pixels), pixels)


def test_alpha_is_carried_to_the_result(photo, styles):
    alpha = np.zeros((80, 96), np.uint8)
    alpha[:, 48:] = 255
    see_through = photo.copy()
    see_through.putalpha(Image.fromarray(alpha))
    result = stylize(see_through, styles["mosaic"], size="original")
    assert np.array_equal(np.asarray(result.image)[..., 3], alpha)


def test_the_preview_has_the_colors_of_the_result(photo, styles):
    told = []
    result = stylize(photo, styles["mosaic"], color="gray", on_progress=told.append)
    last = min((progress for progress in told if progress.size == result.picture.shape), key=lambda told: told.loss)
    assert torch.equal(last.preview, result.picture.pixels)
    assert last.loss == result.reached["loss"]


@pytest.mark.parametrize("init", ["contnet", "Noise"])
def test_a_start_that_is_none_is_named(photo, styles, init):
    with pytest.raises(SettingsError, match=r"no start '.*'\. Did you mean '(content|noise)'"):
        stylize(photo, styles["mosaic"], init=init)


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_either_solver_gets_down_and_total_variation_smooths(photo, styles, solver):
    plain = stylize(photo, styles["mosaic"], solver=solver, iterations=20, style_loss="gram")
    smooth = stylize(photo, styles["mosaic"], solver=solver, iterations=20, style_loss="gram", tv_weight=5000)
    assert roughness(smooth) < 0.8 * roughness(plain)
    assert plain.trace[-1]["loss"] < 0.5 * plain.trace[0]["loss"]


def roughness(result):
    return impasto.losses.total_variation(result.picture.pixels).item()


def test_arrays_tensors_and_files_mean_the_same(photo, styles, tmp_path):
    style = styles["mosaic"]
    photo.save(tmp_path / "photo.png")
    array = np.asarray(photo)
    tensor = torch.from_numpy(array.copy()).permute(2, 0, 1).float() / 255
    sources = (photo, str(tmp_path / "photo.png"), array, tensor)
    first, *same, rounded = (np.asarray(stylize(source, style, iterations=2).image, int) for source in sources)
    for other in same:
        assert np.array_equal(first, other)
    assert np.abs(first - rounded).max() <= 1  # a 255th is rounded otherwise there


def test_bfloat16_stays_near(photo, styles):
    exact = stylize(photo, styles["mosaic"], iterations=3)
    coarse = stylize(photo, styles["mosaic"], iterations=3, precision="bfloat16")
    for name, loss in exact.trace[0]["losses"].items():
        assert coarse.trace[0]["losses"][name] == pytest.approx(loss, rel=0.1, abs=1e-3)
    assert (exact.picture.pixels - coarse.picture.pixels).abs().mean() < 0.05


def test_too_narrow_for_the_deepest_layer_is_said_before_starting(photo, styles):
    with pytest.raises(ImageError, match=r"the content, 80x20 px, is too narrow: the content network needs 32 px"):
        impasto.stylize(photo.resize((80, 20)), styles["mosaic"], size=80, iterations=3, content_layers="pool5")


def test_more_memory_than_there_is_is_said_before_starting(photo, styles):
    with pytest.raises(DeviceError, match=r"Use --size \d+ or less"):
        impasto.stylize(photo, styles["mosaic"], size=65536)


def test_saved_and_read_again(photo, styles, tmp_path):
    result = stylize(photo, styles["mosaic"], depth=16)
    path = result.save(tmp_path / "out.png")
    again = impasto.images.read(path, result.settings).pixels
    assert (again - result.picture.pixels).abs().max() <= 0.51 / 65535
    assert impasto.StylizeSettings.model_validate_json(impasto.images.read_record(path)) == result.settings


def test_outside_the_mask_the_photo_stays(photo, styles, tmp_path):
    mask = Image.new("L", photo.size, 0)
    mask.paste(255, (0, 0, photo.width // 2, photo.height))
    mask.save(tmp_path / "mask.png")
    result = np.asarray(stylize(photo, styles["woodcut"], mask=tmp_path / "mask.png", size="original").image, int)
    difference = np.abs(result - np.asarray(photo, int)).max(2)
    half = photo.width // 2
    assert difference[:, half + 2 :].max() <= 1
    assert difference[:, : half - 2].mean() > 10


def test_a_mask_of_white_is_no_mask(photo, styles, tmp_path):
    Image.new("L", (30, 30), 255).save(tmp_path / "white.png")
    plain, masked = (stylize(photo, styles["woodcut"], mask=mask).image for mask in ("", tmp_path / "white.png"))
    assert np.abs(np.asarray(plain, int) - np.asarray(masked, int)).max() <= 3


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"style_mask": ("a.png",)}, "needs a --mask"),
        ({"mask": "auto", "style_mask": ("a.png",)}, "Leave one out"),
        ({"mask": "black.png"}, "nothing would be painted"),
        ({"mask": "red.png"}, "regions red, and no --style-mask"),
        ({"mask": "white.png", "style_mask": ("red.png",)}, "Its regions are white"),
        ({"mask": "white.png", "style_mask": ("red.png",) * 2}, "2 given, 1 needed"),
        ({"mask": "white.png", "style_mask": ("purple",)}, "'purple' is neither a file nor one of the colors black, "),
        ({"protect": "black.png"}, "nothing is light"),
        ({"mask": "none.png"}, "no such file"),
    ],
)
def test_masks_that_cannot_be_used_are_told(settings, told, photo, styles, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for color in ("black", "white", "red"):
        Image.new("RGB", (30, 30), color).save(f"{color}.png")
    with pytest.raises((SettingsError, ImageError), match=told):
        stylize(photo, styles["mosaic"], **settings)


@pytest.mark.parametrize("settings", [{"mask": "auto"}, {"protect": "faces"}, {"color": "transport", "mask": "auto"}])
def test_what_is_found_by_itself_works_on_any_picture(settings, styles):
    result = stylize(data.coffee(), styles["mosaic"], **settings)
    assert result.stopped == "iterations"
    assert ("no face" in " ".join(result.notes)) == ("protect" in settings)


def test_a_face_is_kept_without_being_asked_for(photo, styles, monkeypatch):
    left = torch.zeros(1, 1, 80, 96)
    left[..., :48] = 1
    monkeypatch.setattr(masks, "faces", lambda pixels: resized_mask(left, pixels.shape[2:]))
    aim = np.asarray(photo.resize((48, 40), Image.Resampling.LANCZOS), float)

    def moved(**more):
        """How much of what changed did so on the left."""
        asked = {name: value for name, value in QUICK.items() if name != "protect"}
        result = impasto.stylize(photo, styles["mosaic"], **{**asked, "iterations": 12, "strength": 0.7, **more})
        change = np.square(np.asarray(result.image, float) - aim).mean((0, 2))
        return change[:24].sum() / change.sum()

    assert moved() < 0.8 * moved(protect="none")


@pytest.mark.parametrize(
    ("found_in", "protect", "painted"),
    [("style", "faces", False), ("both", "faces", True), ("style", "none", True), ("neither", "faces", True)],
)
def test_a_paintings_faces_are_painted_only_where_the_photo_has_one(found_in, protect, painted, monkeypatch):
    style = np.full((64, 64, 3), (40, 60, 160), np.uint8)
    style[16:32, 16:48] = 220, 40, 40  # for the test, this is the face
    style[np.indices((64, 64)).sum(0) % 4 == 0] //= 2
    photo = np.random.default_rng(0).integers(90, 160, (64, 64, 3), np.uint8)

    def found(pixels):
        mask = torch.zeros(1, 1, *pixels.shape[2:])
        reddest = float(unpacked(pixels)[:, 0].max())
        if found_in == "both" or (found_in == "style" and reddest > 0.8):
            mask[..., 16:32, 16:48] = 1
        return mask

    monkeypatch.setattr(masks, "faces", found)
    asked = {name: value for name, value in QUICK.items() if name != "protect"}
    result = impasto.stylize(photo, style, **{**asked, "size": 64, "strength": 0.9, "protect": protect})
    pixels = np.asarray(result.image, float)
    assert bool((pixels[..., 0] > pixels[..., 2]).mean() > 0.02) == painted


def test_a_style_that_is_little_but_a_face_is_left_whole(monkeypatch):
    mask = torch.zeros(1, 1, 40, 40)
    mask[..., :30] = 1
    monkeypatch.setattr(masks, "faces", lambda pixels: mask)
    assert masks.without_faces(whole([1.0]), {0: torch.rand(1, 3, 40, 40)})[0].there == [None]
    mask[..., 8:] = 0
    assert masks.without_faces(whole([1.0]), {0: torch.rand(1, 3, 40, 40)})[0].there[0].pixels.mean() == 0.8


def test_parts_of_styles_that_were_chosen_keep_their_faces(monkeypatch):
    monkeypatch.setattr(masks, "faces", lambda pixels: torch.eye(40)[None, None])
    chosen = regions([1.0], {"red": torch.ones(1, 1, 40, 40)}, [{"red": torch.ones(1, 1, 40, 40)}])
    assert masks.without_faces(chosen, {0: torch.rand(1, 3, 40, 40)}) == chosen


@pytest.mark.parametrize("loss", ["wasserstein", "sliced-wasserstein", "nearest-neighbor", "relaxed-emd"])
@pytest.mark.parametrize("parameters", ["pixels", "pyramid"])
@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_every_loss_falls_with_every_solver_and_parameters(loss, parameters, solver, photo, styles):
    result = stylize(
        photo, styles["woodcut"], style_loss=loss, parameters=parameters, solver=solver, iterations=20, coarsest=48
    )
    assert result.reached["loss"] < 0.9 * result.trace[0]["loss"]


@pytest.mark.parametrize("loss", ["gram", "wasserstein", "sliced-wasserstein", "nearest-neighbor", "relaxed-emd"])
def test_the_dial_goes_one_way_with_every_loss(loss, photo, styles):
    def losses(strength):
        result = stylize(photo, styles["woodcut"], style_loss=loss, strength=strength, iterations=40, coarsest=48)
        reached = result.reached["losses"]
        parts = {role: sum(v for name, v in reached.items() if name.startswith(role)) for role in ("content", "style")}
        weights = balance(result.settings)
        return parts["content"] / weights.content, parts["style"] / weights.style

    weak, middle, strong = map(losses, (0.2, 0.5, 0.8))
    assert weak[0] < middle[0] < strong[0]
    assert weak[1] > middle[1] > strong[1]


def test_a_gray_style_leaves_little_color(photo, styles, monkeypatch):
    def color():
        result = stylize(photo, styles["mosaic"].convert("L"), iterations=30)
        return np.ptp(np.asarray(result.image, float), axis=2).mean()

    by_default = color()
    monkeypatch.setitem(STYLE_LOSSES, "wasserstein", STYLE_LOSSES["wasserstein"][:1])
    assert by_default < 0.6 * color(), "features alone do not see it"


def test_the_sketch_network_looks_at_all_sizes_and_has_not_the_last_word(photo, styles, monkeypatch):
    seen = []
    for network in (Vgg, Student):
        look = network.each

        def spy(self, image, layers, look=look):
            seen.append((self.spec.name, max(image.shape[2:]))) if torch.is_grad_enabled() else None
            return look(self, image, layers)

        monkeypatch.setattr(network, "each", spy)
    sizes = {"size": 64, "coarsest": 32, "iterations": 8}
    stylize(photo, styles["mosaic"], **sizes)
    assert list(dict.fromkeys(seen)) == [("student", 32), ("student", 64), ("vgg19", 64)]
    seen.clear()
    stylize(photo, styles["mosaic"], **sizes, sketch_network="none")
    assert {name for name, _ in seen} == {"vgg19"}


class Asking(TorchDispatchMode):
    """Collects what makes the processor wait for a number."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        if name in ("_local_scalar_dense", "nonzero", "equal"):
            self.found.append(name)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("protect", ["none", "face.png"])
@pytest.mark.parametrize("loss", STYLE_LOSSES)
def test_a_look_that_is_captured_asks_for_no_number(photo, styles, monkeypatch, tmp_path, loss, protect):
    Image.new("L", (96, 80), 128).save(tmp_path / "face.png")
    monkeypatch.chdir(tmp_path)
    captured = []
    monkeypatch.setattr(iterative, "graphed", lambda objective, device: captured.append(objective) or objective)
    stylize(photo, styles["mosaic"], iterations=1, style_loss=loss, protect=protect)
    if loss in ("nearest-neighbor", "relaxed-emd"):
        assert not captured, "it would fail, and that costs memory"
        return
    with Asking() as asking:
        captured[-1].with_gradient(torch.rand(1, 3, 40, 48))
    assert asking.found == []


def test_a_style_that_is_all_but_one_color_is_told(photo, styles) -> None:
    quick = {"size": 48, "iterations": 2, "coarsest": 32}
    plain = Image.new("RGB", (60, 60), (150, 140, 130))
    assert impasto.stylize(photo, styles["mosaic"], **quick).notes == []
    (told,) = impasto.stylize(photo, styles["mosaic"], plain, **quick).notes
    assert told.startswith("style 2 is all but one color")
