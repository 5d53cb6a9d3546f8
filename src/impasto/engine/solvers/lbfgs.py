"""L-BFGS without a line search (Nocedal, Wright: Numerical Optimization, algorithm 7.4).

Its first guess of the inverse Hessian, a multiple of the identity in the book, has a factor for each band of frequency
here (see `bands`): about a fifth fewer steps to the same loss.
One evaluation a step, and robust to the noise of bfloat16, on which a strong-Wolfe search stalls. torch.optim.LBFGS
refuses channels-last tensors and owns the loop; this is a generator, so that whoever asks for the next step may watch,
stop or restart it.
"""

from collections import deque
from collections.abc import Iterator

from torch import Tensor

from impasto.engine import pixels
from impasto.engine.solvers.bands import Bands
from impasto.engine.solvers.step import Evaluate, Step, look
from impasto.settings import SolverSettings

_LEARNING_RATE = 1.0
_FIRST_STEP = 0.1
"""The largest change of a free number in the first step, when nothing is known of the curvature."""
_LONGEST = 1.0
"""The largest change of a free number in any step: a gray pixel can turn a good light or dark gray, not white."""


def lbfgs(image: Tensor, objective: Evaluate, settings: SolverSettings, caution: float = 1.0) -> Iterator[Step]:
    """Steps without end from `image` (1, 3, H, W) in [0, 1]; `caution` below 1 shortens them."""
    rate = (settings.learning_rate or _LEARNING_RATE) * caution
    memory = _Memory(settings.history)
    numbers = pixels.free(image)
    step, gradient = look(objective, numbers)
    while True:
        yield step
        moved = rate * _limited(memory.direction(gradient))
        numbers, before = numbers + moved, gradient
        step, gradient = look(objective, numbers)
        memory.learn(moved, gradient - before)


def _limited(step: Tensor) -> Tensor:
    """The step, shorter if it is too long: what a line search would do about a curvature that was guessed too low."""
    return step * (_LONGEST / step.abs().max().clamp_min(1e-30)).clamp_max(1)


class _Memory:
    """The last few changes of position and gradient: the inverse Hessian, as far as it is known."""

    def __init__(self, history: int) -> None:
        self._pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=history)
        self._bands: Bands | None = None

    def learn(self, moved: Tensor, turned: Tensor) -> None:
        """A move by `moved` turned the gradient by `turned`: kept, unless it shows no upward curvature."""
        curvature = (moved * turned).sum()
        if curvature > 1e-8 * moved.norm() * turned.norm():
            self._pairs.append((moved, turned, curvature))
            self._bands = self._bands or Bands(moved)
            self._bands.learn(moved, turned, curvature)

    def direction(self, gradient: Tensor) -> Tensor:
        """The step downhill: minus the inverse Hessian times the gradient, by the two-loop recursion."""
        step = -gradient
        if self._bands is None:
            return step * (_FIRST_STEP / gradient.abs().max().clamp_min(1e-30))
        shares = []
        for moved, turned, curvature in reversed(self._pairs):
            shares.append((moved * step).sum() / curvature)
            step = step - shares[-1] * turned
        _, turned, curvature = self._pairs[-1]
        step = self._bands(step) * (curvature / (turned * self._bands(turned)).sum())
        for (moved, turned, curvature), share in zip(self._pairs, reversed(shares), strict=True):
            step = step + moved * (share - (turned * step).sum() / curvature)
        return step
