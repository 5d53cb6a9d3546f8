import itertools
import sys

import pytest
import torch

from impasto.engine.solvers import SOLVERS, lbfgs
from impasto.settings import SolverSettings

GOAL = torch.linspace(0.2, 0.8, 48).reshape(1, 3, 4, 4)
STIFF = torch.logspace(0, 2, 48).reshape(1, 3, 4, 4)


def quadratic(image):
    return {"bowl": (STIFF * (image - GOAL).square()).sum()}


@pytest.mark.parametrize(("name", "steps"), [("lbfgs", 60), ("adam", 400)])
def test_reaches_the_minimum_of_a_quadratic(name, steps):
    solver = SOLVERS[name](torch.full_like(GOAL, 0.5), quadratic, SolverSettings())
    last = next(itertools.islice(solver, steps, None))
    torch.testing.assert_close(last.image, GOAL, atol=2e-3, rtol=0)


def test_lbfgs_gets_there_with_one_step_remembered_coarsely(monkeypatch):
    """As it is with very large pictures."""
    module = sys.modules[lbfgs.__module__]  # the function has its name
    monkeypatch.setattr(module, "_REMEMBERED", 0)
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    solver = SOLVERS["lbfgs"](torch.full_like(GOAL, 0.5), quadratic, SolverSettings())
    step = next(itertools.islice(solver, 200, None))
    ((moved, turned, _),) = step.state()["known"]["pairs"]
    assert moved.dtype == turned.dtype == torch.bfloat16
    torch.testing.assert_close(step.image, GOAL, atol=2e-3, rtol=0)


@pytest.mark.parametrize("name", SOLVERS)
def test_losses_belong_to_the_picture_beside_them(name):
    solver = SOLVERS[name](torch.full_like(GOAL, 0.5), quadratic, SolverSettings())
    for step in itertools.islice(solver, 10):
        assert step.loss == pytest.approx(quadratic(step.image)["bowl"].item())


@pytest.mark.parametrize("name", SOLVERS)
def test_the_first_step_is_the_picture_given(name):
    image = torch.rand(GOAL.shape) * 0.9 + 0.05
    torch.testing.assert_close(next(SOLVERS[name](image, quadratic, SolverSettings())).image, image)


@pytest.mark.parametrize("name", SOLVERS)
def test_caution_shortens_the_first_move(name):
    def move(caution):
        first, second = itertools.islice(
            SOLVERS[name](torch.full_like(GOAL, 0.5), quadratic, SolverSettings(), caution=caution), 2
        )
        return (second.image - first.image).norm().item()

    assert move(0.5) == pytest.approx(move(1.0) / 2, rel=0.02)


@pytest.mark.parametrize("name", SOLVERS)
def test_gets_down_on_gradients_as_coarse_as_bfloat16(name):
    def coarse(image):
        return {"bowl": (STIFF * (image.bfloat16() - GOAL).float().square()).sum()}

    steps = [
        step.loss for step in itertools.islice(SOLVERS[name](torch.full_like(GOAL, 0.5), coarse, SolverSettings()), 200)
    ]
    assert min(steps) < 1e-3 * steps[0]


def test_lbfgs_agrees_with_scipy_on_where_the_minimum_is():
    from scipy.optimize import minimize

    def rosenbrock(x):
        return 100 * (x[..., 1:] - x[..., :-1] ** 2) ** 2, (1 - x[..., :-1]) ** 2

    def objective(image):
        valley, floor = rosenbrock(3 * image)
        return {"valley": valley.sum(), "floor": floor.sum()}

    start = torch.full((1, 1, 1, 4), 0.5)
    found = next(itertools.islice(SOLVERS["lbfgs"](start, objective, SolverSettings(learning_rate=0.5)), 400, None))
    reference = minimize(
        lambda x: sum(float(part.sum()) for part in rosenbrock(torch.tensor(x))), [1.5] * 4, method="L-BFGS-B"
    )
    torch.testing.assert_close(3 * found.image.flatten().double(), torch.tensor(reference.x), atol=1e-2, rtol=0)
