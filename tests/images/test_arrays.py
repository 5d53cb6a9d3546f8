import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from images.pictures import assert_read_or_told
from PIL import Image

from impasto.errors import ImageError
from impasto.images import read
from impasto.settings import SizeSettings

SIZE = SizeSettings()
rng = np.random.default_rng(0)
COLORS = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)


def pixels(source) -> np.ndarray:
    """(H, W, 3), float32."""
    return read(source, SIZE).pixels[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_each_integer_is_its_share_of_the_largest(order):
    deep = rng.integers(0, 65536, (20, 24, 3)).astype(order)
    assert np.abs(pixels(COLORS) - COLORS / 255).max() < 1e-6
    assert np.abs(pixels(deep) - deep / 65535).max() < 2e-6


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_taken_as_they_are(dtype):
    values = rng.random((20, 24, 3)).astype(dtype)
    assert np.abs(pixels(values) - values).max() < 1e-6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_gray_has_three_equal_channels(dtype):
    gray = (rng.random((20, 24)) * (1 if dtype == np.float32 else np.iinfo(dtype).max)).astype(dtype)
    expected = gray / (1 if dtype == np.float32 else np.iinfo(dtype).max)
    for shape in ((20, 24), (20, 24, 1)):
        assert np.abs(pixels(gray.reshape(shape)) - expected[..., None]).max() < 2e-6


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("top", [255, 1.0])
def test_the_last_of_two_or_four_channels_is_alpha(channels, top):
    values = rng.integers(1, 256, (20, 24, channels)).astype(np.uint8)
    picture = read(values if top == 255 else (values / 255).astype(np.float32), SIZE)
    assert picture.alpha is not None
    assert np.abs(picture.alpha[0, 0].numpy() - values[..., -1] / 255).max() < 1e-6
    assert np.abs(picture.pixels[0, 0].numpy() - values[..., 0] / 255).max() < 1e-6


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_tensors_with_and_without_a_batch(dtype):
    values = torch.rand(3, 20, 24).to(dtype).requires_grad_()
    for tensor in (values, values[None]):
        got = read(tensor, SIZE).pixels
        assert got.shape == (1, 3, 20, 24)
        assert got.dtype == torch.float32
        assert not got.requires_grad
        assert torch.allclose(got[0], values.detach().float(), atol=1e-6)


def test_what_was_read_reads_as_the_same():
    once = read(torch.rand(1, 3, 20, 24), SIZE).pixels
    assert torch.allclose(read(once, SIZE).pixels, once, atol=1e-6)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "YCbCr", "HSV", "RGBX", "F"])
def test_pils_modes_look_as_pil_shows_them(mode):
    image = Image.fromarray(COLORS).convert(mode)
    expected = np.asarray(image.convert("RGB")) / 255
    if mode == "F":
        image, expected = image.point(lambda level: level / 255), np.asarray(image)[..., None] / 255
    assert np.abs(pixels(image) - expected).max() < 1e-6


@pytest.mark.parametrize("mode", ["LA", "La", "PA", "RGBA", "RGBa"])
def test_pils_modes_with_alpha(mode):
    full = Image.fromarray(COLORS)
    full.putalpha(Image.fromarray(rng.integers(200, 256, (20, 24), dtype=np.uint8)))
    image = (full.convert("L" if mode[0] == "L" else "P") if mode in ("LA", "La", "PA") else full).copy()
    image = full.convert("LA").convert(mode) if mode[0] == "L" else image.convert(mode)
    expected = np.asarray(image.convert("LA").convert("RGBA") if mode[0] == "L" else image.convert("RGBA")) / 255
    picture = read(image, SIZE)
    assert picture.alpha is not None
    assert np.abs(picture.alpha[0, 0].numpy() - expected[..., 3]).max() < 1e-6
    assert np.abs(picture.pixels[0].permute(1, 2, 0).numpy() - expected[..., :3]).max() < 1e-6


def test_a_key_color_of_pil_is_transparent():
    image = Image.fromarray(COLORS).convert("P")
    image.info["transparency"] = image.getpixel((3, 4))
    alpha = read(image, SIZE).alpha
    assert alpha is not None
    assert torch.equal(alpha[0, 0] == 0, torch.from_numpy(np.asarray(image) == image.getpixel((3, 4))))


def test_16_bit_gray_of_pil_is_not_cut_to_8():
    deep = rng.integers(0, 65536, (20, 24)).astype(np.uint16)
    for image in (Image.fromarray(deep), Image.fromarray(deep.astype(np.int32))):
        assert image.mode in ("I;16", "I")
        assert np.abs(pixels(image)[..., 0] - deep / 65535).max() < 2e-6


BAD = {
    "no picture": (b"bytes", "bytes is no picture"),
    "list": ([[1, 2], [3, 4]], "list is no picture"),
    "one row": (np.zeros(30), r"an array must be .*not \(30,\)"),
    "five channels": (np.zeros((20, 20, 5)), r"not \(20, 20, 5\)"),
    "empty": (np.zeros((0, 20, 3)), r"not \(0, 20, 3\)"),
    "integers": (np.zeros((20, 20), int), "not int64"),
    "booleans": (np.zeros((20, 20), bool), "not bool"),
    "objects": (np.full((20, 20), None), "not object"),
    "0 to 255 as floats": (np.full((20, 20), 200.0), "go from 200 to 200. Divide by 255"),
    "below zero": (np.full((20, 20), -1.0), "go from -1"),
    "not a number": (np.full((20, 20), np.nan), "not finite"),
    "endless": (torch.full((3, 20, 20), torch.inf), "not finite"),
    "two tensors": (torch.zeros(2, 3, 20, 20), r"a tensor must be .*not \(2, 3, 20, 20\)"),
    "sparse": (torch.zeros(3, 20, 20).to_sparse(), "sparse, quantized or on meta"),
    "on meta": (torch.zeros(3, 20, 20, device="meta"), "sparse, quantized or on meta"),
    "channels last": (torch.zeros(20, 20, 3), r"a tensor must be .*not \(20, 20, 3\)"),
    "integer tensor": (torch.zeros(3, 20, 20, dtype=torch.int64), "not int64"),
    "small": (np.zeros((15, 20)), "20 × 15 pixels, and no side may be under 16"),
    "lab": (Image.new("LAB", (20, 20)), "PIL's mode 'LAB'"),
}


@pytest.mark.parametrize(("source", "reason"), BAD.values(), ids=BAD.keys())
def test_what_is_no_picture_is_told_in_one_line(source, reason):
    with pytest.raises(ImageError, match=reason) as caught:
        read(source, SIZE)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("the picture given: ")


anything = hnp.arrays(
    st.one_of(hnp.scalar_dtypes(), hnp.floating_dtypes(), hnp.unsigned_integer_dtypes()),
    st.one_of(
        hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=5),
        st.tuples(st.integers(15, 18), st.integers(15, 18)),
        st.tuples(st.integers(15, 18), st.integers(15, 18), st.integers(0, 5)),
    ),
)


@given(anything)
def test_any_array_gives_a_picture_or_an_image_error(array):
    for source in (array, _as_tensor(array)):
        assert_read_or_told(source, SIZE)


def _as_tensor(array: np.ndarray) -> torch.Tensor | None:
    try:
        return torch.from_numpy(array)
    except (TypeError, ValueError):  # tensors know fewer types
        return None
