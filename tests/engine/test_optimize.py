import copy
import math

import pytest
import torch

from impasto.engine.optimize import Optimization, with_details_of
from impasto.engine.progress import silent
from impasto.engine.pyramid import Level
from impasto.errors import ImpastoError
from impasto.settings import SolverSettings

LEVELS = [Level((4, 6), 0.5, 12), Level((8, 12), 1.0, 8)]


def towards(value):
    def objective_at(level, careful):
        return lambda image: {"content": (image - value).square().mean(), "style": 0 * image.sum()}

    return objective_at


def search(objective_at, on_progress=silent, levels=LEVELS, **settings):
    return Optimization(torch.full((1, 3, 8, 12), 0.5), levels, objective_at, SolverSettings(**settings), on_progress)


def test_goes_through_all_sizes_and_ends_at_the_last():
    run = search(towards(0.3))
    run.run()
    assert run.stopped == "iterations"
    assert [entry["size"] for entry in run.trace] == [[6, 4]] * 12 + [[12, 8]] * 8
    assert [entry["step"] for entry in run.trace] == list(range(1, 21))
    torch.testing.assert_close(run.image, torch.full((1, 3, 8, 12), 0.3), atol=1e-3, rtol=0)


def test_the_picture_kept_is_the_one_with_the_lowest_loss():
    pictures = []
    run = search(
        towards(0.3), lambda progress: pictures.append((progress.loss, progress.image)), LEVELS[1:], learning_rate=3
    )
    run.run()
    assert torch.equal(run.image, min(pictures, key=lambda pair: pair[0])[1])


def test_a_large_picture_waits_in_16_bits(monkeypatch):
    whole, large = search(towards(0.3)), search(towards(0.3))
    whole.run()
    monkeypatch.setattr("impasto.images.packing._LARGE", 0)
    large.run()
    assert large.image.dtype == torch.float32
    torch.testing.assert_close(large.image, whole.image, atol=1e-4, rtol=0)


def test_progress_tells_where_it_is():
    told = []
    search(towards(0.3), told.append).run()
    assert [progress.step for progress in told] == list(range(1, 21))
    assert {progress.steps for progress in told} == {20}
    assert told[-1].remaining == 0
    assert told[0].losses.keys() == {"content", "style"}
    assert told[0].loss == pytest.approx(sum(told[0].losses.values()))


def test_a_tolerance_leaves_each_size_early():
    told = []
    levels = [Level((4, 6), 0.5, 500), Level((8, 12), 1.0, 500)]
    run = search(towards(0.3), told.append, levels, tolerance=0.01, window=5)
    run.run()
    assert run.stopped == "tolerance"
    assert [progress.step for progress in told] == list(range(1, len(run.trace) + 1)), "steps that were done"
    assert told[0].steps == 1000
    assert told[-1].steps == 500 + [entry["size"] for entry in run.trace].count([6, 4]), (
        "what was left early counts no more"
    )
    sizes = [entry["size"] for entry in run.trace]
    assert 5 < sizes.count([6, 4]) < 500
    assert 5 < sizes.count([12, 8]) < 500


def test_seconds_end_it_and_every_size_gets_its_turn():
    run = search(towards(0.3), levels=[Level((4, 6), 0.5, 10**6), Level((8, 12), 1.0, 10**6)], seconds=0.2)
    run.run()
    assert run.stopped == "seconds"
    assert {tuple(entry["size"]) for entry in run.trace} == {(6, 4), (12, 8)}
    assert 0.15 < run.trace[-1]["seconds"] < 2


def test_an_interruption_keeps_what_was_reached_at_full_size():
    def interrupt(progress):
        if progress.step == 7:
            raise KeyboardInterrupt

    run = search(towards(0.3), interrupt)
    run.run()
    assert run.stopped == "interrupted"
    assert len(run.trace) == 7
    assert run.image.shape == (1, 3, 8, 12)
    assert (run.image - 0.3).abs().mean() < 0.2


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e9])
def test_a_bad_loss_is_left_behind_and_the_run_goes_on_carefully(bad):
    asked = []

    def objective_at(level, careful):
        asked.append(careful)
        calls = iter(range(10**6))

        def objective(image):
            broken = not careful and next(calls) == 4
            return {"content": (image - 0.3).square().mean() + (bad if broken else 0)}

        return objective

    run = search(objective_at)
    run.run()
    assert asked == [False, True, True]  # broke at the coarse size, and stayed careful
    assert len(run.trace) == 20
    assert all(math.isfinite(entry["loss"]) for entry in run.trace)
    assert len(run.notes) == 1
    assert "6x4" in run.notes[0]
    torch.testing.assert_close(run.image, torch.full((1, 3, 8, 12), 0.3), atol=1e-2, rtol=0)


def test_a_loss_that_is_never_a_number_is_an_error():
    with pytest.raises(ImpastoError, match="not a number"):
        search(lambda level, careful: lambda image: {"content": image.sum() * math.nan}).run()


def test_a_loss_that_stops_being_a_number_for_good_keeps_the_last_good_picture():
    calls = iter(range(10**6))

    def objective(image):
        return {"content": (image - 0.3).square().mean() * (1 if next(calls) < 6 else math.nan)}

    run = search(lambda level, careful: objective, levels=LEVELS[1:])
    run.run()
    assert len(run.trace) == 6
    assert run.stopped == "loss"
    assert run.reached == run.trace[-1]
    assert torch.isfinite(run.image).all()
    assert (run.image - 0.3).abs().mean() < 0.2


def test_where_nothing_is_painted_the_start_stays_as_sharp_as_it_is():
    start = torch.rand(1, 3, 8, 12) * 0.9 + 0.05

    def nothing(level, careful):
        return lambda image: {"none": 0 * image.sum()}

    run = Optimization(start, LEVELS, nothing, SolverSettings(), silent, with_details_of(start))
    run.run()
    torch.testing.assert_close(run.image, start)


def steep(level, careful):
    """A bowl that is a thousand times steeper at the right than at the left."""
    weights = torch.logspace(-3, 0, level.size[1])
    return lambda image: {"content": ((image - 0.3).square() * weights).mean()}


TWICE = [Level((8, 12), 1.0, 10, sketched=True), Level((8, 12), 1.0, 10)]


def test_what_was_learned_of_a_size_serves_the_next_one_who_looks_at_it():
    once, twice = search(steep, levels=[Level((8, 12), 1.0, 19)]), search(steep, levels=TWICE)
    once.run()
    twice.run()
    losses = [entry["loss"] for entry in twice.trace]
    assert losses[10] == pytest.approx(losses[9], rel=1e-4)  # the second one begins where the first ended...
    assert losses[:10] + losses[11:] == pytest.approx([entry["loss"] for entry in once.trace], rel=1e-2)  # ...goes on


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
@pytest.mark.parametrize("broken_off_after", [9, 10, 11])
def test_a_search_goes_on_between_two_who_look_at_one_size(solver, broken_off_after):
    states = []

    def run(keep, state=None):
        found = Optimization(
            torch.full((1, 3, 8, 12), 0.5), TWICE, steep, SolverSettings(solver=solver), silent, keep=keep
        )
        if state:
            found.go_on_from(state)
        found.run()
        return found

    whole = run(lambda state: states.append(copy.deepcopy(state())))
    again = run(lambda state: None, states[broken_off_after - 1])
    assert len(again.trace) == 20
    assert torch.equal(again.image, whole.image)


def test_a_search_that_was_left_when_it_had_settled_goes_on_at_the_next_size():
    settings, states = SolverSettings(tolerance=0.9, window=2), []

    def run(keep, state=None):
        found = Optimization(torch.full((1, 3, 8, 12), 0.5), TWICE, steep, settings, silent, keep=keep)
        if state:
            found.go_on_from(state)
        found.run()
        return found

    whole = run(lambda state: states.append(copy.deepcopy(state())))
    assert len(whole.trace) < 20
    for state in states:
        again = run(lambda state: None, state)
        assert (len(again.trace), again.stopped) == (len(whole.trace), "tolerance")
        assert torch.equal(again.image, whole.image)
