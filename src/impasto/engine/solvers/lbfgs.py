"""L-BFGS without a line search (Nocedal, Wright: Numerical Optimization, algorithm 7.4).

Its first guess of the inverse Hessian, a multiple of the identity in the book, has a factor for each band of frequency
here (see `bands`): about a fifth fewer steps to the same loss.
One evaluation a step, and robust to the noise of bfloat16, on which a strong-Wolfe search stalls. torch.optim.LBFGS
refuses channels-last tensors and owns the loop; this is a generator, so that whoever asks for the next step may watch,
stop or restart it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from impasto.engine.parameters import PARAMETERS
from impasto.engine.solvers.bands import Bands
from impasto.engine.solvers.step import Evaluate, State, Step, evaluate
from impasto.settings import SolverSettings

_LEARNING_RATE = 1.0
_FIRST_STEP = 0.1
"""The largest change of a free number in the first step, when nothing is known of the curvature."""
_REMEMBERED = 1 << 29
"""Bytes of remembered steps, at most: of a very large picture there are fewer, and only one in bfloat16 at last."""
_AT_ONCE = 1 << 24
"""Numbers that are multiplied in a row."""
_LONGEST = 1.0
"""The largest change of a free number in any step: a gray pixel can turn a good light or dark gray, not white."""


def lbfgs(
    image: Tensor, objective: Evaluate, settings: SolverSettings, caution: float = 1.0, state: State | None = None
) -> Iterator[Step]:
    """Steps without end from `image` (1, 3, H, W) in [0, 1]; `caution` below 1 shortens them.

    With the `state` of a step, those that came after it; with no more of one than its `known`, steps that make use of
    what was learned elsewhere about pictures of this size.
    """
    rate = (settings.learning_rate or _LEARNING_RATE) * caution
    parameters = PARAMETERS[settings.parameters]((image.shape[2], image.shape[3]))
    state = state or {}
    numbers = state["numbers"] if "numbers" in state else parameters.free(image)
    del image  # of a very large picture no more is held than needed
    memory = _Memory(settings.history, numbers)
    if "known" in state:
        memory.restore(state["known"], numbers)

    def reached() -> State:
        return {"numbers": numbers, "gradient": gradient, "known": memory.state}

    if "gradient" in state:
        gradient = state["gradient"]
    else:
        step, gradient = evaluate(objective, parameters, numbers)
        yield replace(step, state=reached)
        del step  # its picture makes room for the next one
    while True:
        moved = _limited(memory.direction(gradient)).mul_(rate)
        memory.make_room()
        numbers, before, moved = numbers + moved, gradient, memory.kept(moved)
        step, gradient = evaluate(objective, parameters, numbers)
        memory.learn(moved, torch.sub(gradient, before, out=before))
        del before, moved  # the memory has what it needs of them
        yield replace(step, state=reached)
        del step


def _limited(step: Tensor) -> Tensor:
    """The step, shorter if it is too long: what a line search would do about a curvature that was guessed too low."""
    return step.mul_((_LONGEST / step.abs().max().clamp_min(1e-30)).clamp_max(1))


class _Memory:
    """The last few changes of position and gradient: the inverse Hessian, as far as it is known."""

    def __init__(self, history: int, numbers: Tensor) -> None:
        fitting = _REMEMBERED // (2 * numbers.nbytes)
        self._dtype = numbers.dtype if fitting else torch.bfloat16
        self._pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=max(1, min(history, fitting)))
        self._bands: Bands | None = None

    @property
    def state(self) -> State:
        """All that is known."""
        return {"pairs": [list(pair) for pair in self._pairs], "bands": self._bands.state if self._bands else []}

    def restore(self, state: State, numbers: Tensor) -> None:
        """Takes up what another one knew of such numbers."""
        self._pairs.extend((moved, turned, curvature) for moved, turned, curvature in state["pairs"])
        if state["bands"]:
            self._bands = Bands(numbers)
            self._bands.restore(state["bands"])

    def make_room(self) -> None:
        """Forgets what the next step to be learned will take the place of."""
        if len(self._pairs) == self._pairs.maxlen:
            self._pairs.popleft()

    def kept(self, step: Tensor) -> Tensor:
        """As exact as there is room for."""
        return step.to(self._dtype)

    def learn(self, moved: Tensor, turned: Tensor) -> None:
        """A `kept` move turned the gradient by `turned`: remembered, unless it shows no upward curvature."""
        curvature = _dot(moved, turned)
        if curvature > 1e-8 * moved.norm() * turned.norm():
            if moved.ndim == 4:  # a picture; the numbers of a pyramid are bands already
                self._bands = self._bands or Bands(moved)
                self._bands.learn(moved, turned, curvature)
            self._pairs.append((moved, self.kept(turned), curvature))

    def direction(self, gradient: Tensor) -> Tensor:
        """The step downhill: minus the inverse Hessian times the gradient, by the two-loop recursion."""
        step = -gradient
        if not self._pairs:
            return step * (_FIRST_STEP / gradient.abs().max().clamp_min(1e-30))
        shares = []
        for moved, turned, curvature in reversed(self._pairs):
            shares.append(_dot(moved, step) / curvature)
            _add(step, turned, -shares[-1])
        _, turned, curvature = self._pairs[-1]
        energy = self._bands.energy if self._bands else _dot(turned, turned)
        step = (self._bands.stretch(step) if self._bands else step).mul_(curvature / energy)
        for (moved, turned, curvature), share in zip(self._pairs, reversed(shares), strict=True):
            _add(step, moved, share - _dot(turned, step) / curvature)
        return step


def _add(total: Tensor, change: Tensor, times: Tensor) -> None:
    """Adds `change`, so many times, to `total`: what is in bfloat16 is made precise a part at a time."""
    for part, other in zip(*(torch.split(each.view(-1), _AT_ONCE) for each in (total, change)), strict=True):
        part.addcmul_(other, times)


def _dot(first: Tensor, second: Tensor) -> Tensor:
    """In one pass over the memory, and next to none to write; in the finer of two precisions."""
    dtype = torch.promote_types(first.dtype, second.dtype)
    parts = zip(*(torch.split(each.view(-1), _AT_ONCE) for each in (first, second)), strict=True)
    return torch.stack([torch.dot(one.to(dtype), other.to(dtype)) for one, other in parts]).sum()
