import copy
import itertools
import sys

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

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


def test_caution_is_not_taken_over_with_what_was_learned():
    def steps(**how):
        return SOLVERS["adam"](torch.full_like(GOAL, 0.5), quadratic, SolverSettings(), **how)

    def move(**how):
        first, second = itertools.islice(steps(**how), 2)
        return (second.image - first.image).norm().item()

    moves = []
    for caution in (0.5, 1.0):
        *_, last = itertools.islice(steps(caution=caution), 3)
        moves.append(move(state={"known": copy.deepcopy(last.state()["known"])}))
    assert moves[0] == pytest.approx(moves[1], rel=0.2)


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


@pytest.fixture
def tables(monkeypatch):
    """L-BFGS as a graphics card does it."""
    monkeypatch.setattr(sys.modules[lbfgs.__module__], "runs_ahead", lambda device: True)


def stiff(image):
    """A bowl that is no more round than one, with a slope that changes sign in places."""
    return {"bowl": (STIFF * (image - GOAL).square()).sum() + (7 * image).sin().sum()}


@pytest.mark.parametrize("parameters", ["pixels", "pyramid"])
@pytest.mark.parametrize("history", [1, 3, 20])
def test_tables_step_where_two_loops_do(parameters, history, request):
    """In float64, so that a difference is not one of rounding; more steps than are remembered."""
    settings = SolverSettings(parameters=parameters, history=history)
    start = torch.rand(GOAL.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 0.8 + 0.1
    plain = [step.image for step in itertools.islice(lbfgs(start, stiff, settings), 12)]
    request.getfixturevalue("tables")
    quick = [step.image for step in itertools.islice(lbfgs(start, stiff, settings), 12)]
    for one, other in zip(quick, plain, strict=True):
        torch.testing.assert_close(one, other, atol=2e-5, rtol=0)
    assert not torch.equal(quick[-1], plain[-1])


def test_tables_reach_the_minimum_of_a_quadratic(tables):
    last = next(itertools.islice(lbfgs(torch.full_like(GOAL, 0.5), quadratic, SolverSettings()), 60, None))
    torch.testing.assert_close(last.image, GOAL, atol=2e-3, rtol=0)


@pytest.mark.parametrize("parameters", ["pixels", "pyramid"])
def test_tables_go_on_from_a_state(parameters, tables):
    settings = SolverSettings(parameters=parameters, history=4)
    states, images = [], []
    for step in itertools.islice(lbfgs(torch.full_like(GOAL, 0.5), stiff, settings), 12):
        states.append(copy.deepcopy(step.state()))
        images.append(step.image)
    for done in (1, 3, 7):
        again = lbfgs(torch.full_like(GOAL, 0.5), stiff, settings, state=states[done - 1])
        for image in images[done:]:
            assert torch.equal(next(again).image, image)


def test_tables_step_over_moves_without_upward_curvature(tables):
    """A ridge: the first moves show none, and the first that do are made use of."""
    steps = list(itertools.islice(lbfgs(torch.full_like(GOAL, 0.45), ridge, SolverSettings()), 30))
    assert all(step.image.isfinite().all() for step in steps)
    assert steps[-1].loss < steps[0].loss


def ridge(image):
    return {"ridge": -(image - 0.4).square().sum()}


def test_a_step_with_tables_moves_nothing_between_device_and_processor(tables):
    """On a device without numbers, where none could be asked for; what is on the processor is seen."""
    steps = lbfgs(torch.rand(1, 3, 48, 32, device="meta"), bowl, SolverSettings(history=4))
    for _ in range(6):
        next(steps)
    with Moved() as moved:
        next(steps)
    assert not moved.operations


def bowl(image):
    return {"bowl": (image - 0.5).square().sum()}


class Moved(TorchDispatchMode):
    """Operations that have to do with the processor's memory."""

    def __init__(self):
        super().__init__()
        self.operations = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        tensors = [each for each in tree_leaves((args, kwargs, result)) if isinstance(each, torch.Tensor)]
        if any(each.device.type == "cpu" for each in tensors):
            self.operations.append(operation)
        return result
