from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.balance import balance
from impasto.settings import LookSettings


def test_at_the_ends_one_loss_is_alone_or_nearly():
    assert balance(LookSettings(strength=0)).style == 0
    most = balance(LookSettings(strength=1))
    assert most.content == pytest.approx(0.06 * most.style)
    assert balance(LookSettings(strength=1, content_weight=0)).content == 0


def test_each_step_of_the_dial_gives_more_to_style():
    ratios = [balance(LookSettings(strength=step / 20)) for step in range(21)]
    assert all(after.style > before.style for before, after in pairwise(ratios))
    assert all(after.content < before.content for before, after in pairwise(ratios))


@given(st.floats(0, 1))
def test_the_two_weigh_one_together(strength):
    both = balance(LookSettings(strength=strength))
    assert both.content + both.style == pytest.approx(1)


def test_own_weights_multiply():
    plain = balance(LookSettings(strength=0.4))
    weighted = balance(LookSettings(strength=0.4, content_weight=3, style_weight=0.5))
    assert weighted.content == pytest.approx(3 * plain.content)
    assert weighted.style == pytest.approx(plain.style / 2)
