"""Change pixels until the losses are small: one loop for every solver, stop rule and size."""

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from torch import Tensor

from impasto.engine.progress import OnProgress, Progress
from impasto.engine.pyramid import Level
from impasto.engine.solvers import SOLVERS, Evaluate, State, Step
from impasto.engine.stopping import Clock, settled
from impasto.engine.together import at_once, together
from impasto.errors import ImpastoError
from impasto.images.packing import packed_if_large, unpacked
from impasto.images.resize import resize, size_of
from impasto.settings import SolverSettings

_RUNAWAY = 10.0
"""A loss this many times the one that its size began with has run away..."""
_ALLOWANCE = 0.1
"""...unless it is small itself: a picture that begins at its goal may leave it for a step or two."""
_RESTARTS = 4
"""Restarts of one size, each with half the step, before the search gives up there."""

Stopped = Literal["iterations", "tolerance", "seconds", "interrupted", "loss", "painted"]
"""Why a search ended; `loss` is one that would not be a number any more, whatever was tried.
`painted` is no search: the picture was made in one pass."""

Enlarge = Callable[[Tensor, tuple[int, int]], Tensor]
"""A picture (1, 3, h, w) at a new (height, width)."""

Keep = Callable[[Callable[[], State]], object]
"""Told how to get all that it takes to go on from a step: after each, or the last of those that are told together."""

ObjectiveAt = Callable[[Level, bool], Evaluate]
"""Makes the objective for a size; true asks for one in float32, whatever the precision of the run."""


class Optimization:
    """One search over all sizes. After `run`, also after one that Ctrl-C ended, it holds all that was reached."""

    def __init__(
        self,
        start: Tensor,
        levels: Sequence[Level],
        objective_at: ObjectiveAt,
        settings: SolverSettings,
        on_progress: OnProgress,
        enlarge: Enlarge = resize,
        keep: Keep = lambda state: None,
    ) -> None:
        self.image = start
        """(1, 3, H, W): the best picture so far, at the size that it was found at; before, the start.

        In [0, 1], or packed; after `run` in [0, 1], at the last size.
        """
        self.trace: list[dict[str, Any]] = []
        """One entry a step: `step`, `size`, `seconds`, `loss`, `losses`."""
        self.reached: dict[str, Any] = {}
        """The entry of `trace` that belongs to the picture."""
        self.stopped: Stopped = "iterations"
        """What ended the last size, or any size for lack of time."""
        self.notes: list[str] = []
        """What the user should know of it, a line each."""
        self._levels = levels
        self._objective_at = objective_at
        self._settings = settings
        self._careful = False
        self._on_progress = on_progress
        self._enlarge = enlarge
        self._keep_state = keep
        self._left_at: State = {}
        self._last: tuple[tuple[int, int], Callable[[], State]] | None = None
        """The size of the last step, and how to get the state of its solver."""
        self._clock = Clock(settings.seconds)

    def go_on_from(self, state: State) -> None:
        """Takes up a search of the same start, sizes, objective and settings after the step that `keep` was told of."""
        self._left_at = state
        solver, size = state["solver"], self._levels[state["level"]].size
        self._last = size, lambda: solver
        self.image, self.trace, self.reached = state["image"], state["trace"], state["trace"][state["reached"]]
        self.stopped, self.notes, self._careful = state["stopped"], state["notes"], state["careful"]
        self._clock.go_on_from(state["elapsed"])

    def run(self) -> None:
        """Works through the sizes, coarsest first; the picture ends at the last one's size, whatever ended the search.

        Raises `ImpastoError` where no loss is ever a number, `KeyboardInterrupt` only before the first step.
        """
        first = self._left_at.get("level", 0)
        self.image = resize(self.image, self._levels[first].size)
        try:
            for index, level in list(enumerate(self._levels))[first:]:
                self.image = packed_if_large(self._enlarge(self.image, level.size))
                still_to_pay = sum(later.cost for later in self._levels[index:])
                reason = self._descend(level, self._clock.share(level.cost, still_to_pay))
                self.stopped = "seconds" if self.stopped == "seconds" else reason
        except KeyboardInterrupt:
            if not self.trace:
                raise
            self.stopped = "interrupted"
        self._last = None
        self.image = self._enlarge(self.image, self._levels[-1].size)

    def _descend(self, level: Level, deadline: float) -> Stopped:
        """Makes the loss small at one size, and says what ended it; starts again, more carefully, where that fails."""
        left_at, self._left_at = self._left_at, {}
        losses: list[float] = left_at.get("losses", [])
        if settled(losses, self._settings.tolerance, self._settings.window):  # it was left after its last step
            return "tolerance"
        given = [left_at.pop("solver", None) or self._learned(level)]  # a list: it is the solver's alone to hold
        for restart in range(left_at.get("restart", 0), _RESTARTS + 1):
            solver = SOLVERS[self._settings.solver]
            objective = self._objective_at(level, self._careful)
            steps = solver(
                unpacked(self.image), objective, self._settings, 0.5**restart, given.pop() if given else None
            )
            wanted = itertools.islice(steps, level.steps - len(losses))
            for step in together(wanted, at_once(self.image)):
                if _runaway(step.loss, losses):
                    self._restart(step.loss, level)
                    break
                self._keep(step, level, losses)
                if step.state:
                    self._last = level.size, step.state
                    self._keep_state(partial(self._state, level, restart, losses, step.state))
                if self._clock.elapsed >= deadline:
                    return "seconds"
                if settled(losses, self._settings.tolerance, self._settings.window):
                    return "tolerance"
                del step  # its picture makes room for the next one
            else:
                return "iterations"
        if not self.trace:
            raise ImpastoError("the loss is not a number, even in float32. Lower the weights, or try another network.")
        return "loss"

    def _learned(self, level: Level) -> State | None:
        """What a solver has learned of pictures of this size, if that is where it was last."""
        last, self._last = self._last, None
        return {"known": last[1]()["known"]} if last and last[0] == level.size else None

    def _state(self, level: Level, restart: int, losses: list[float], solver: Callable[[], State]) -> State:
        """All that `go_on_from` needs after a step, of which `solver` tells its own part."""
        return {
            "level": self._levels.index(level),
            "restart": restart,
            "losses": losses,
            "solver": solver(),
            "image": self.image,
            "trace": self.trace,
            "reached": self.trace.index(self.reached),
            "stopped": self.stopped,
            "notes": self.notes,
            "careful": self._careful,
            "elapsed": self._clock.elapsed,
        }

    def _restart(self, loss: float, level: Level) -> None:
        what = "ran away" if math.isfinite(loss) else "was not a number"
        note = f"the loss {what} at {level.size[1]}x{level.size[0]}; started again, more carefully"
        self.notes += [] if note in self.notes else [note]
        self._careful = True

    def _keep(self, step: Step, level: Level, losses: list[float]) -> None:
        """Takes the picture if none of this size was better, and tells the callback."""
        height, width = level.size
        entry = {
            "step": len(self.trace) + 1,
            "size": [width, height],
            "sketched": level.sketched,
            "seconds": round(self._clock.elapsed, 3),
            "loss": step.loss,
            "losses": step.losses,
        }
        self.trace.append(entry)
        if step.loss < min(losses, default=math.inf):
            self.image, self.reached = step.image, entry
        losses.append(step.loss)
        self._on_progress(self._progress(step, level, len(losses)))

    def _progress(self, step: Step, level: Level, done_here: int) -> Progress:
        index = self._levels.index(level)
        paid = sum(earlier.cost for earlier in self._levels[:index]) + level.cost * done_here / level.steps
        total = sum(every.cost for every in self._levels)
        elapsed = self._clock.elapsed
        return Progress(
            step=len(self.trace),
            steps=len(self.trace) - done_here + sum(later.steps for later in self._levels[index:]),
            size=level.size,
            loss=step.loss,
            losses=step.losses,
            elapsed=elapsed,
            remaining=min(elapsed * (total - paid) / paid, max(0, (self._settings.seconds or math.inf) - elapsed)),
            image=step.image,
        )


def with_details_of(start: Tensor) -> Enlarge:
    """Enlarges a picture and adds the details that `start` has at the new size, which an enlargement alone would lack.

    What goes up the pyramid is so not the picture but how far it is from the start: where nothing was painted, the
    photo stays as sharp as it is.
    """

    def enlarge(image: Tensor, size: tuple[int, int]) -> Tensor:
        if image.shape[2:] == size:
            return unpacked(image)
        lower = resize(start, size_of(image))
        larger = resize(image, size).sub_(resize(lower, size))
        return larger.add_(resize(start, size)).clamp_(0, 1)

    return enlarge


def _runaway(loss: float, losses: Sequence[float]) -> bool:
    return not math.isfinite(loss) or (bool(losses) and loss > _RUNAWAY * losses[0] + _ALLOWANCE)
