"""Free numbers <-> pixels: the solver may move its numbers anywhere, and the picture still stays in [0, 1]."""

from math import prod
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.images.resize import averaged

_MARGIN = 0.004
"""Pixels start this far from black and white (one step of 8 bits), where the sigmoid still has a gradient."""
_SMALLEST = 8
"""Shorter side in pixels below which no coarser level of the pyramid is made."""


class Parameters(Protocol):
    """What the numbers in a solver's hands mean, for a picture of one size."""

    def free(self, image: Tensor) -> Tensor:
        """The numbers whose picture is `image` (1, 3, H, W), up to one step of 8 bits at black and white."""

    def picture(self, numbers: Tensor) -> Tensor:
        """Pixels (1, 3, H, W) in [0, 1] of free numbers."""

    def gradient(self, numbers: Tensor, image: Tensor, of_pixels: Tensor) -> Tensor:
        """The gradient for the numbers, of that for the pixels (1, 3, H, W) of `image`, which is their picture.

        It may be put in the place of `of_pixels`.
        """


class Pixels:
    """A number for each pixel and channel, (1, 3, H, W): the pixel is its sigmoid.

    The loss of the picture in the solver's hands is so the loss of the picture that gets saved; solvers that leave
    [0, 1] lose much of their gain when the file clips it.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        del size  # any

    def free(self, image: Tensor) -> Tensor:
        return image.clamp(_MARGIN, 1 - _MARGIN).logit()

    def picture(self, numbers: Tensor) -> Tensor:
        return numbers.sigmoid()

    def gradient(self, numbers: Tensor, image: Tensor, of_pixels: Tensor) -> Tensor:
        of_pixels.mul_(image)
        return of_pixels.addcmul_(of_pixels, image, value=-1)  # times (1 - image), in no more memory


class LaplacianPyramid:
    """Differences between ever coarser sizes (Burt, Adelson 1983) of what `Pixels` are, in one row.

    One step can so change a broad area as easily as a pixel (Kolkin et al. 2019, section 2.5).
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._sizes = [size]
        while min(self._sizes[-1]) >= 2 * _SMALLEST:
            height, width = self._sizes[-1]
            self._sizes.append((height // 2, width // 2))

    def free(self, image: Tensor) -> Tensor:
        rest, rows = Pixels(self._sizes[0]).free(image), []
        for size in self._sizes[1:]:
            coarser = averaged(rest, size)
            rows.append((rest - _enlarged(coarser, rest.shape[2:])).flatten())
            rest = coarser
        return torch.cat([*rows, rest.flatten()])

    def picture(self, numbers: Tensor) -> Tensor:
        rows = torch.split(numbers, [3 * prod(size) for size in self._sizes])
        levels = [row.view(1, 3, *size) for row, size in zip(rows, self._sizes, strict=True)]
        whole: Tensor = levels.pop()
        while levels:
            finer = levels.pop()
            whole = _enlarged(whole, finer.shape[2:]) + finer
        return whole.sigmoid()

    def gradient(self, numbers: Tensor, image: Tensor, of_pixels: Tensor) -> Tensor:
        numbers = numbers.detach().requires_grad_()
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(self.picture(numbers), numbers, of_pixels)
        return gradient


def _enlarged(image: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(image, size=size, mode="bilinear", align_corners=False)


PARAMETERS: dict[str, type[Pixels] | type[LaplacianPyramid]] = {"pixels": Pixels, "pyramid": LaplacianPyramid}
