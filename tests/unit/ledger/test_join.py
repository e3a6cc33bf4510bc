"""What was forecast beside what came true."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.ledger.entry import LedgerColumns
from stockcast.ledger.file import Ledger
from stockcast.ledger.join import join_actuals
from stockcast.prices.history import format_date


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(30, ticker="GOOG")


@pytest.fixture
def make_ledger(history, make_entry):
    """Make forecasts from rows of the history, 1 % above the last price."""

    def make(rows, *, column="adj_close", step=1, **fields):
        entries = []
        for row in rows:
            last = float(history.columns[column][row])
            cutoff = format_date(history.dates[row])
            own = {
                "cutoff": cutoff, "made_at": f"{cutoff}T22:00:00Z", "step": step,
                "date": str(np.busday_offset(cutoff, step)), "forecast": 1.01 * last,
                "last_price": last,
            }  # fmt: skip
            entries.append(make_entry(**{**own, **fields}))
        return Ledger(LedgerColumns(), tuple(entries), torn=False)

    return make


@pytest.mark.parametrize("column", ["adj_close", "close", "open", "high", "low"])
@pytest.mark.parametrize("step", [1, 3])
def test_what_came_true_is_so_many_bars_later_in_the_column_of_the_last_prices(
    column, step, history, make_ledger
):
    (joined,) = join_actuals(make_ledger(range(5, 10), column=column, step=step), [history])
    prices = history.columns[column]
    assert joined.last.tolist() == prices[5:10].tolist()
    assert joined.actual.tolist() == prices[5 + step : 10 + step].tolist()
    assert joined.dates.tolist() == history.dates[5 + step : 10 + step].tolist()
    assert (len(joined), joined.pending, joined.unmatched, joined.late) == (5, 0, 0, 0)


def test_a_forecast_for_a_holiday_came_true_on_the_next_bar(history, make_ledger):
    (joined,) = join_actuals(make_ledger([5], date="2012-12-25"), [history])
    assert joined.actual.tolist() == [history.columns["adj_close"][6]]


def test_a_forecast_whose_bar_is_to_come_is_pending(history, make_ledger):
    (joined,) = join_actuals(make_ledger([27, 28, 29], step=2), [history])
    assert (len(joined), joined.pending) == (1, 2)
    late = make_ledger([29], cutoff="2013-01-01")  # newer than all these prices
    (joined,) = join_actuals(late, [history])
    assert (len(joined), joined.pending, joined.unmatched) == (0, 1, 0)


def test_a_forecast_from_a_bar_or_ticker_that_is_not_there_is_unmatched(history, make_ledger):
    (joined,) = join_actuals(make_ledger([5], cutoff="2012-01-01"), [history])
    assert (len(joined), joined.pending, joined.unmatched) == (0, 0, 1)
    (joined,) = join_actuals(make_ledger([5, 6], ticker="IBM"), [history])
    assert (len(joined), joined.pending, joined.unmatched) == (0, 0, 2)


def test_prices_that_were_adjusted_since_are_scaled_back(history, make_ledger):
    """A 2:1 split on the day of row 8: everything before it is halved afterwards."""
    before = history.columns["adj_close"].copy()
    before[8:] *= 2
    entries = make_ledger(range(5, 12)).entries
    rescaled = tuple(
        entry
        if row >= 8
        else type(entry)(
            **{**vars(entry), "last_price": 2 * entry.last_price, "forecast": 2 * entry.forecast}
        )
        for row, entry in zip(range(5, 12), entries, strict=True)
    )
    (joined,) = join_actuals(Ledger(LedgerColumns(), rescaled, torn=False), [history])
    assert joined.adjusted == 3
    moves = history.columns["adj_close"][6:13] / history.columns["adj_close"][5:12]
    assert joined.actual / joined.last == pytest.approx(moves)


def test_entries_are_in_order_of_their_cutoffs_whatever_the_ledgers(history, make_ledger):
    (joined,) = join_actuals(make_ledger([9, 5, 7]), [history])
    assert joined.dates.tolist() == history.dates[[6, 8, 10]].tolist()


def test_a_forecast_made_when_its_day_was_over_is_late(history, make_ledger):
    next_day = format_date(history.dates[6])
    for made_at, late in ((f"{next_day}T23:59:59Z", 0), ("2026-01-01T00:00:00Z", 1)):
        (joined,) = join_actuals(make_ledger([5], made_at=made_at), [history])
        assert joined.late == late


def test_each_ticker_and_step_is_joined_by_itself(history, make_ledger, make_history):
    other = make_history(30, ticker="IBM", seed=1)
    entries = (
        *make_ledger([5]).entries, *make_ledger([5], step=2).entries,
        *make_ledger([6], ticker="IBM").entries, *make_ledger([7]).entries,
    )  # fmt: skip
    found = join_actuals(Ledger(LedgerColumns(), entries, torn=False), [other, history])
    assert [(one.ticker, one.step, len(one)) for one in found] == [
        ("GOOG", 1, 2), ("GOOG", 2, 1), ("IBM", 1, 1),
    ]  # fmt: skip


def test_a_price_that_is_missing_matches_nothing(make_history, make_ledger):
    history = make_history(30, ticker="GOOG")
    history.columns["adj_close"][6] = np.nan
    (joined,) = join_actuals(make_ledger([5]), [history])
    assert (len(joined), joined.unmatched) == (0, 1)


def test_bounds_come_along(history, make_ledger):
    ledger = make_ledger([5, 6], bounds=((1.0, 2.0), (0.5, 3.0)))
    (joined,) = join_actuals(
        Ledger(LedgerColumns((80.0, 95.0)), ledger.entries, torn=False), [history]
    )
    assert joined.lower.tolist() == [[1.0, 0.5]] * 2
    assert joined.upper.tolist() == [[2.0, 3.0]] * 2
