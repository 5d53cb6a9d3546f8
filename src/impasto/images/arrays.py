"""Pictures that are in memory already (PIL, NumPy, PyTorch) as libvips images, with nothing rounded on the way."""

import numpy as np
import pyvips
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from impasto.errors import ImageError
from impasto.images.color import srgb_to_linear

_PIL_MODES = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "P": "RGB",
    "PA": "RGBA",
    "RGB": "RGB",
    "RGBX": "RGB",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "CMYK": "CMYK",
    "YCbCr": "RGB",
    "HSV": "RGB",
}
"""PIL's 8-bit modes, and the mode in which each is taken over."""

_INCH = 25.4
"""Millimeters."""
_LAYOUT = "(H, W), (H, W, 3) or (H, W, 4)"


def from_memory(source: Image.Image | NDArray[np.generic] | Tensor) -> pyvips.Image:
    """The libvips image of a picture in memory, with the ICC profile, orientation and size in print that PIL knows of.

    Integers become 8- or 16-bit sRGB; floats, sRGB in [0, 1], become linear light (libvips's scRGB).
    Raises `ImageError` for a shape, type or value that no picture has.
    """
    if isinstance(source, Image.Image):
        return _from_pil(source)
    if isinstance(source, Tensor):
        return _from_array(_array_of_tensor(source))
    if isinstance(source, np.ndarray):
        return _from_array(source)
    raise ImageError(
        f"{type(source).__name__} is no picture. Give a path, a PIL image, an array or a tensor; several styles one "
        "after another."
    )


def _from_pil(source: Image.Image) -> pyvips.Image:
    try:
        image = _from_array(_array_of_pil(source), "cmyk" if source.mode == "CMYK" else None)
        orientation = source.getexif().get(0x0112)
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # PIL decodes only now: a damaged file shows here
        raise ImageError(f"PIL cannot decode it ({error}). Get or export it again.") from error
    if orientation in range(1, 9):
        image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    if profile := source.info.get("icc_profile"):
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    across, down = (float(each) / _INCH for each in source.info.get("dpi", (_INCH, _INCH)))
    return image.copy(xres=across, yres=down) if across > 0 and down > 0 else image


def _array_of_pil(source: Image.Image) -> NDArray[np.generic]:
    if source.mode == "F":
        return np.asarray(source)
    if source.mode.startswith("I"):  # 16-bit gray, which PIL often holds in 32 bits
        return np.asarray(source).clip(0, 65535).astype(np.uint16)
    if source.mode not in _PIL_MODES:
        raise ImageError(f"impasto does not know PIL's mode {source.mode!r}. Call .convert('RGB') first.")
    mode = _PIL_MODES[source.mode]
    if source.has_transparency_data:  # of a palette or of one key color, too
        mode = "LA" if mode in ("L", "LA") else "RGBA"
    return np.asarray(source.convert(mode))


def _array_of_tensor(tensor: Tensor) -> NDArray[np.generic]:
    """(C, H, W) or (1, C, H, W) as (H, W, C)."""
    if tensor.dim() == 4 and tensor.shape[0] == 1:
        tensor = tensor[0]
    if tensor.layout is not torch.strided or tensor.is_meta or tensor.is_quantized:
        raise ImageError("a tensor that is sparse, quantized or on meta holds no pixels. Make a plain one of it.")
    if tensor.dim() != 3 or tensor.shape[0] > 4:
        raise ImageError(f"a tensor must be (3, H, W) or (1, 3, H, W), not {tuple(tensor.shape)}. Reshape it.")
    tensor = tensor.detach().cpu().permute(1, 2, 0)
    return (tensor.float() if tensor.is_floating_point() else tensor).numpy()


def _from_array(array: NDArray[np.generic], interpretation: str | None = None) -> pyvips.Image:
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or not array.size:
        raise ImageError(f"an array must be {_LAYOUT}, not {array.shape}. Reshape it.")
    if array.dtype.kind == "u" and array.dtype.itemsize <= 2:  # in any byte order
        gray, color = ("b-w", "srgb") if array.dtype.itemsize == 1 else ("grey16", "rgb16")
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
        return _wrap(array, interpretation or (gray if array.shape[2] < 3 else color))
    if np.issubdtype(array.dtype, np.floating):
        return _wrap(_linear(_checked(array)), "scrgb")
    raise ImageError(f"an array must be uint8, uint16 or float in [0, 1], not {array.dtype}. Convert it.")


def _checked(array: NDArray[np.generic]) -> NDArray[np.float32]:
    if not np.isfinite(array).all():
        raise ImageError("it holds values that are not finite numbers. Find where they come from.")
    low, high = float(array.min()), float(array.max())
    if low < -1e-3 or high > 1 + 1e-3:  # a hair outside is what resampling leaves behind
        raise ImageError(f"floats must be in [0, 1], these go from {low:g} to {high:g}. Divide by 255, or clip.")
    return array.astype(np.float32).clip(0, 1)


def _linear(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """sRGB (H, W, 1 to 4) as linear light (H, W, 3), with alpha (H, W, 4) where there was one."""
    colors = 1 if array.shape[2] < 3 else 3
    light = srgb_to_linear(torch.from_numpy(array[..., :colors])).expand(-1, -1, 3).numpy()
    return np.ascontiguousarray(np.concatenate([light, array[..., colors:]], axis=2))


def _wrap(array: NDArray[np.generic], interpretation: str) -> pyvips.Image:
    return pyvips.Image.new_from_array(array).copy(interpretation=interpretation)
