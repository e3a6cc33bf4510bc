"""How memories fade and sensitivities are shared out, whatever the gates."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stockcast.networks.trace import LayerTrace
from tests.support import make_inspection

GATES = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6), elements=st.floats(0, 1)
)
SENSITIVITIES = st.lists(st.just(0.0) | st.floats(1e-250, 1e6), min_size=1, max_size=40)


@given(GATES)
def test_the_newest_step_is_kept_whole_and_older_ones_no_better_than_newer(keeping):
    trace = LayerTrace("gru", (keeping, keeping, keeping), memory=keeping, hidden=keeping)
    fade = trace.measure_fade()
    assert fade.shape == keeping.shape[:2]
    assert (fade[-1] == 1).all()
    assert (np.diff(fade, axis=0) >= -1e-12).all()
    assert fade.min() >= 0
    assert trace.measure_half_life() > 0


@given(SENSITIVITIES)
def test_the_steps_that_carry_half_are_as_few_as_can_be(newest_first):
    steps = make_inspection(*newest_first).half_within
    carried = np.cumsum(newest_first)
    assert 1 <= steps <= len(newest_first)
    assert carried[steps - 1] >= carried[-1] / 2
    assert steps == 1 or carried[steps - 2] < carried[-1] / 2


@given(SENSITIVITIES, st.floats(1e-3, 1e3))
def test_a_half_life_is_positive_or_none_and_knows_no_units(newest_first, unit):
    seen = make_inspection(*newest_first)
    assert newest_first[seen.peak - 1] == max(newest_first)
    half_life = seen.gradient_half_life
    if half_life is None:
        return
    assert half_life > 0
    scaled = make_inspection(*(unit * np.array(newest_first)))
    assert scaled.peak == seen.peak
    np.testing.assert_allclose(scaled.gradient_half_life, half_life, rtol=1e-3)
