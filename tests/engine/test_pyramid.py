import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.pyramid import pyramid
from impasto.errors import SettingsError
from impasto.settings import SolverSettings


def test_the_default_at_512():
    levels = pyramid((384, 512), 0.05, SolverSettings())
    assert [level.size for level in levels] == [(96, 128), (192, 256), (384, 512)]
    assert [level.scale for level in levels] == [0.25, 0.5, 1]


@given(
    st.integers(16, 5000),
    st.integers(16, 5000),
    st.floats(0.01, 1),
    st.integers(16, 6000),
    st.integers(12, 5000),
    st.booleans(),
)
def test_what_holds_for_every_picture(height, width, smallest, coarsest, iterations, sketched):
    levels = pyramid((height, width), smallest, SolverSettings(coarsest=coarsest, iterations=iterations), sketched)
    assert levels[-1].size == (height, width)
    assert not levels[-1].sketched
    assert all(level.sketched == (sketched and len(levels) > 1) for level in levels[:-1])
    assert sum(level.steps for level in levels) == iterations
    assert all(level.steps >= 1 for level in levels)
    assert all(level.scale >= smallest for level in levels[:-1])
    assert len(levels) == 1 or max(levels[0].size) >= coarsest - 1
    assert [level.scale for level in levels] == sorted(level.scale for level in levels)


def test_sketches_end_at_full_size_where_another_network_goes_on():
    levels = pyramid((384, 512), 0.05, SolverSettings(), sketched=True)
    assert [level.size for level in levels] == [(96, 128), (192, 256), (384, 512), (384, 512)]
    assert [level.sketched for level in levels] == [True, True, True, False]
    assert levels[2].cost / levels[2].steps < levels[3].cost / levels[3].steps


def test_most_steps_where_they_are_cheap():
    steps = [level.steps for level in pyramid((2048, 2048), 0.01, SolverSettings())]
    assert steps == sorted(steps, reverse=True)


def test_a_coarsest_size_as_large_as_the_picture_leaves_one_level():
    assert len(pyramid((300, 400), 0.01, SolverSettings(coarsest=400))) == 1


def test_fewer_iterations_than_sizes_are_refused():
    with pytest.raises(SettingsError, match="--iterations 3"):
        pyramid((512, 512), 0.01, SolverSettings(iterations=2))
