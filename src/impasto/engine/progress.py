"""What a running optimization tells whoever watches it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor

from impasto.images import unpacked


@dataclass(frozen=True)
class Progress:
    """One step, told through the one callback of a run."""

    step: int
    """Steps done, over all sizes."""
    steps: int
    """The same at the end, as it looks now: less than was planned where a size was left early."""
    size: tuple[int, int]
    """(height, width) now being worked on, in pixels."""
    loss: float
    """The weighted sum that the solver makes small."""
    losses: dict[str, float]
    """Its parts by name, such as `style relu4_1`; they add up to `loss`."""
    elapsed: float
    """Seconds since the run began."""
    remaining: float
    """Seconds left, estimated."""
    image: Tensor
    """(1, 3, h, w) in [0, 1]: the picture as the losses see it; a very large one is packed (`images.packing`)."""
    finish: Callable[[Tensor], Tensor] = field(default=lambda image: image, repr=False)
    """What the method does to a picture after the search, to its colors for example."""

    def __reduce__(self) -> tuple[partial["Progress"], tuple[()]]:
        """What pickle makes it of: with its preview as it is now, and not with all that it takes to make one."""
        pictures = {"image": unpacked(self.image), "finish": partial(_known, unpacked(self.preview))}
        return partial(Progress, **{**vars(self), **pictures}), ()

    @property
    def preview(self) -> Tensor:
        """(1, 3, h, w), as `image` is: the picture as it would be saved now."""
        return self.finish(self.image)


def _known(preview: Tensor, image: Tensor) -> Tensor:
    del image
    return preview


OnProgress = Callable[[Progress], object]
"""The callback. What it returns is ignored; an exception that it raises ends the run."""


def silent(_: Progress) -> None:
    """The callback of a run that nobody watches."""
