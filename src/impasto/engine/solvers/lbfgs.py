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

from impasto.devices import runs_ahead
from impasto.engine.parameters import PARAMETERS
from impasto.engine.solvers.bands import Bands, QuickBands
from impasto.engine.solvers.long_rows import LongRows
from impasto.engine.solvers.step import Evaluate, State, Step, evaluate
from impasto.images.resize import size_of
from impasto.settings import SolverSettings

_LEARNING_RATE = 1.0
_FIRST_STEP = 0.1
"""The largest change of a free number in the first step, when nothing is known of the curvature."""
_REMEMBERED = 1 << 29
"""Bytes of remembered steps, at most: of a very large picture there are fewer, and only one in bfloat16 at last."""
_AT_ONCE = 1 << 24
"""Numbers that are multiplied in a row."""
_FLAT = 1e-8
"""A curvature that is no more than this share of what it could be is none."""
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
    parameters = PARAMETERS[settings.parameters](size_of(image))
    state = state or {}
    numbers = state["numbers"] if "numbers" in state else parameters.free(image)
    del image  # of a very large picture no more is held than needed
    memory = _memory(settings.history, numbers)
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


def _memory(history: int, numbers: Tensor) -> "_Memory | _Tables":
    """One that suits the device, and the room there is for pairs of `numbers`."""
    fitting = _fitting(numbers)
    if fitting and runs_ahead(numbers.device):
        return _Tables(min(history, fitting), numbers)
    return _Memory(history, numbers)


def _fitting(numbers: Tensor) -> int:
    """How many pairs of `numbers` there is room for."""
    return _REMEMBERED // (2 * numbers.nbytes)


class _Memory:
    """The last few changes of position and gradient: the inverse Hessian, as far as it is known."""

    def __init__(self, history: int, numbers: Tensor) -> None:
        fitting = _fitting(numbers)
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
        if curvature > _FLAT * moved.norm() * turned.norm():
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


class _Tables:
    """The same for a graphics card: few and large products, and nothing that the processor would have to wait for.

    The two loops take from all pairs the products of each move with all later turns. Those are kept, so that each loop
    is one product of a small triangular matrix (Byrd, Nocedal, Schnabel 1994, theorem 2.2). A pair without upward
    curvature has its place like any other, and is written down as zeros.
    """

    def __init__(self, rows: int, numbers: Tensor) -> None:
        self._moves, self._turns = LongRows(rows, numbers), LongRows(rows, numbers)
        # Of the move in each row with the turn in each column; 1 where a pair is with itself, and was not learned yet.
        self._products = torch.eye(rows, dtype=torch.float64, device=numbers.device)
        self._learned = 0
        # On the device, as a number of the processor's would have to be brought there.
        self._zero, self._one = numbers.new_zeros(()), numbers.new_ones(())
        self._curvature, self._energy = self._zero, self._zero
        self._bands = QuickBands(numbers) if numbers.ndim == 4 else None

    @property
    def state(self) -> State:
        """All that is known."""
        return {
            "tables": [self._moves.rows, self._turns.rows, self._products, self._curvature, self._energy],
            "learned": self._learned,
            "bands": self._bands.state if self._bands else [],
        }

    def restore(self, state: State, numbers: Tensor) -> None:
        """Takes up what another one knew of such numbers."""
        moves, turns, self._products, self._curvature, self._energy = state["tables"]
        self._moves.rows.copy_(moves)
        self._turns.rows.copy_(turns)
        self._learned = state["learned"]
        if self._bands:
            self._bands.restore(state["bands"])
        if self._learned:
            self._solve()

    def make_room(self) -> None:
        """The room is there from the beginning."""

    def kept(self, step: Tensor) -> Tensor:
        """As it is."""
        return step

    def learn(self, moved: Tensor, turned: Tensor) -> None:
        """A move turned the gradient by `turned`: it counts, unless it shows no upward curvature."""
        row = self._learned % len(self._products)
        curvature = torch.dot(moved.view(-1), turned.view(-1))
        counts = curvature > _FLAT * moved.norm() * turned.norm()
        for table, numbers in ((self._moves, moved), (self._turns, turned)):
            table.rows[row] = torch.where(counts, numbers.view(-1), self._zero)
        self._products[:, row] = self._moves.products(self._turns.rows[row])[:, 0].double()
        self._products[row, row] = torch.where(counts, curvature, self._one).double()
        self._curvature = torch.where(counts, curvature, self._curvature)
        if self._bands:
            self._bands.learn(moved, turned, curvature, counts)
        else:
            self._energy = torch.where(counts, turned.square().sum(), self._energy)
        self._learned += 1
        self._solve()

    def _solve(self) -> None:
        """Turns the triangle around: of every move with all turns that came later, or at the same time."""
        oldest = self._learned % len(self._products)
        in_order = self._products.roll((-oldest, -oldest), (0, 1))
        one = torch.eye(len(in_order), dtype=in_order.dtype, device=in_order.device)
        around = torch.linalg.solve_triangular(in_order, one, upper=True)
        self._around = around.roll((oldest, oldest), (0, 1))

    def direction(self, gradient: Tensor) -> Tensor:
        """The step downhill: minus the inverse Hessian times the gradient."""
        step = -gradient
        first = step * (_FIRST_STEP / gradient.abs().max().clamp_min(1e-30))
        if not self._learned:
            return first
        shares = self._around @ self._moves.products(step)[:, 0].double()
        step = self._turns.added_to(step, -shares)
        energy = self._bands.energy if self._bands else self._energy
        step = (self._bands.stretch(step) if self._bands else step) * (self._curvature / energy)
        turns = self._turns.products(step)[:, 0].double()
        step = self._moves.added_to(step, self._around.T @ (self._products.diagonal() * shares - turns))
        return torch.where(self._curvature > 0, step, first)


def _add(total: Tensor, change: Tensor, times: Tensor) -> None:
    """Adds `change`, so many times, to `total`: what is in bfloat16 is made precise a part at a time."""
    for part, other in zip(*(torch.split(each.view(-1), _AT_ONCE) for each in (total, change)), strict=True):
        part.addcmul_(other, times)


def _dot(first: Tensor, second: Tensor) -> Tensor:
    """In one pass over the memory, and next to none to write; in the finer of two precisions."""
    dtype = torch.promote_types(first.dtype, second.dtype)
    parts = zip(*(torch.split(each.view(-1), _AT_ONCE) for each in (first, second)), strict=True)
    return torch.stack([torch.dot(one.to(dtype), other.to(dtype)) for one, other in parts]).sum()
