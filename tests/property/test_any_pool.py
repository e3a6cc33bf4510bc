"""Pools of any tickers and spans hold the windows that plain loops find, and none too many."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from stockcast.prices.covariates import Covariates
from stockcast.prices.history import Source
from stockcast.recipe import Recipe
from stockcast.windows.pool import Pool
from stockcast.windows.pooling import PoolBuilder
from stockcast.windows.training_data import SPAN_NAMES
from tests.pools import list_by_hand
from tests.strategies import TARGETS, examples

pytestmark = pytest.mark.slow

BEGAN = np.datetime64("2012-01-02", "us")
HELD = st.sampled_from([0, 0.1, 0.3, 4, 25])

# First day, bars, days from bar to bar: calendars that overlap, follow or miss one another.
CALENDARS = st.tuples(st.integers(0, 60), st.integers(1, 60), st.integers(1, 3))
RECIPES = st.fixed_dictionaries(
    {
        "pooled": st.just(True),
        "loss": st.just("squared-error"),  # the plain pipeline
        "column": st.just("close"),
        "features": st.sampled_from(
            [(), ("open", "close"), ("close", "volume"), ("weekday",), ("turn-of-month", "close")]
        ),
        "target": TARGETS,
        "horizon": st.integers(1, 4),
        "window": st.integers(1, 9),
        "validation": HELD,
        "test": HELD,
    }
)


def make_histories(make_history, calendars, beside):
    """One ticker a calendar, halted for half a dozen bars in its middle; with another price."""
    days = BEGAN + np.arange(-5, 300) * np.timedelta64(1, "D")
    other = make_history(len(days), ticker="BESIDE", seed=99, dates=days)
    covariates = Covariates((other,)) if beside else None
    for number, (first, bars, apart) in enumerate(calendars):
        history = make_history(
            bars,
            ticker=f"T{number}",
            seed=number,
            dates=BEGAN + (first + apart * np.arange(bars)) * np.timedelta64(1, "D"),
        )
        close = history.columns["close"].copy()
        close[bars // 2 : bars // 2 + 6] = close[bars // 2]
        yield replace(
            history,
            columns={**history.columns, "close": close},
            sources=(Source(f"T{number}.csv", f"{number:064d}"),),
            covariates=covariates,
        )


def pool_histories(histories, fields, folder, attempt):
    """Pool what can be; return the pool or its refusal, and the histories in it."""
    builder = PoolBuilder(Recipe(**fields), Path(folder))
    taken = [one for one in histories if isinstance(attempt(builder.add, one), int)]
    return attempt(builder.finish), taken


@examples(150)
@given(st.lists(CALENDARS, min_size=1, max_size=5), RECIPES, st.booleans(), st.integers(0, 2**31))
def test_windows_and_what_is_drawn_are_those_of_plain_loops(
    make_history, attempt, calendars, fields, beside, seed
):
    with tempfile.TemporaryDirectory() as folder:
        histories = list(make_histories(make_history, calendars, beside))
        pool, taken = pool_histories(histories, fields, folder, attempt)
        event(f"pooled {isinstance(pool, Pool)}, {len(taken)} tickers")
        if not isinstance(pool, Pool):
            return
        spans = list_by_hand(pool, taken)
        assert spans[0]
        for span, windows, expected in zip(SPAN_NAMES, pool.list_windows(), spans, strict=True):
            assert len(windows) == len(expected)
            numbers = np.random.default_rng(seed).permutation(len(expected))
            tickers, starts = windows.locate(numbers)
            seen, answers = pool.draw(span, numbers)
            for place, number in enumerate(numbers):
                by_hand = expected[number]
                assert pool.tickers[tickers[place]] == by_hand.ticker
                assert starts[place] - pool.first_rows[tickers[place]] == by_hand.start
                np.testing.assert_allclose(seen[place], by_hand.seen, rtol=1e-4, atol=1e-3)
                np.testing.assert_allclose(answers[place], by_hand.answers, rtol=1e-4, atol=1e-3)


@examples(60)
@given(
    st.lists(CALENDARS, min_size=2, max_size=5),
    RECIPES,
    st.booleans(),
    st.integers(0, 4),
    st.integers(0, 2**31),
)
def test_rows_from_a_date_on_change_no_window_before_it(
    make_history, attempt, calendars, fields, beside, whose, seed
):
    """What is trained on, and what of it is answered, comes from before the span's end alone."""
    histories = list(make_histories(make_history, calendars, beside))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        pool, taken = pool_histories(histories, fields, one, attempt)
        if not isinstance(pool, Pool):
            return
        for end, spans in ((pool.spans.train_end, 1), (pool.spans.validation_end, 2)):
            altered = [
                alter_covariates(alter(history, end, seed + number), end)
                if number != whose
                else alter_covariates(history, end)
                for number, history in enumerate(taken)
            ]
            again, _ = pool_histories(altered, fields, other, attempt)
            for path in Path(other).iterdir():
                path.unlink()
            for span, before in zip(SPAN_NAMES[:spans], pool.list_windows(), strict=False):
                numbers = np.arange(len(before))
                for array, same in zip(
                    pool.draw(span, numbers), again.draw(span, numbers), strict=True
                ):
                    assert np.array_equal(array, same)


def alter_covariates(history, end):
    """Other prices of what is seen beside a ticker, from a date on."""
    beside = history.covariates
    before = end - np.timedelta64(1, "us")
    return replace(history, covariates=beside and beside.alter_later(before))


def alter(history, end, seed):
    """Other prices and volumes from a date on."""
    later = history.dates >= end
    random = np.random.default_rng(seed)
    columns = {
        name: np.where(later, values * np.exp(random.normal(0, 1, len(values))), values)
        for name, values in history.columns.items()
    }
    return replace(history, columns=columns)
