import copy

import pytest
import torch

from impasto.engine import optimize
from impasto.engine.optimize import Optimization
from impasto.engine.progress import silent
from impasto.engine.pyramid import Level
from impasto.engine.together import at_once, together
from impasto.settings import SolverSettings

LEVELS = [Level((4, 6), 0.5, 13), Level((8, 12), 1.0, 7), Level((8, 12), 1.0, 5)]


def towards(level, careful):
    weights = torch.logspace(-2, 0, level.size[1])
    return lambda image: {"content": ((image - 0.3).square() * weights).mean()}


def searched(count, monkeypatch, keep=lambda state: None, state=None, objective_at=towards, told=silent, **settings):
    monkeypatch.setattr(optimize, "at_once", lambda image: count)
    start = torch.full((1, 3, 8, 12), 0.5)
    run = Optimization(start, LEVELS, objective_at, SolverSettings(**settings), told, keep=keep)
    if state:
        run.go_on_from(state)
    run.run()
    return run


def without_seconds(trace):
    return [{name: value for name, value in entry.items() if name != "seconds"} for entry in trace]


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_a_search_whose_losses_come_together_is_the_same(solver, monkeypatch):
    told = []
    one = searched(1, monkeypatch, solver=solver)
    four = searched(4, monkeypatch, solver=solver, told=lambda progress: told.append(progress.step))
    assert torch.equal(four.image, one.image)
    assert without_seconds(four.trace) == without_seconds(one.trace)
    assert told == list(range(1, 26))


def test_it_goes_on_from_where_the_last_of_several_was_left(monkeypatch):
    states = []
    whole = searched(4, monkeypatch, keep=lambda state: states.append(copy.deepcopy(state())))
    assert [len(state["trace"]) for state in states] == [4, 8, 12, 13, 17, 20, 24, 25]
    for state in states:
        again = searched(4, monkeypatch, state=copy.deepcopy(state))
        assert torch.equal(again.image, whole.image)
        assert without_seconds(again.trace) == without_seconds(whole.trace)


def test_a_loss_that_breaks_among_several_is_left_behind(monkeypatch):
    def objective_at(level, careful):
        calls = iter(range(10**6))

        def objective(image):
            return {
                "content": (image - 0.3).square().mean() * (float("nan") if not careful and next(calls) == 5 else 1)
            }

        return objective

    run = searched(4, monkeypatch, objective_at=objective_at)
    assert len(run.trace) == 25
    assert len(run.notes) == 1
    torch.testing.assert_close(run.image, torch.full((1, 3, 8, 12), 0.3), atol=1e-2, rtol=0)


def test_the_processor_is_asked_after_every_step():
    image = torch.zeros(1, 3, 8, 12)
    assert at_once(image) == 1
    steps = iter(())
    assert together(steps, at_once(image)) is steps
