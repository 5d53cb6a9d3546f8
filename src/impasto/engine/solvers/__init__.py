"""Ways downhill, behind one signature: `solver(image, objective, settings, caution, state) -> Iterator[Step]`."""

from impasto.engine.solvers.adam import adam
from impasto.engine.solvers.lbfgs import lbfgs
from impasto.engine.solvers.step import Evaluate, State, Step

SOLVERS = {"lbfgs": lbfgs, "adam": adam}

__all__ = ["SOLVERS", "Evaluate", "State", "Step", "adam", "lbfgs"]
