"""Recorded forecasts on the bars of a ticker: which bar each knew last, and what is refused."""

import numpy as np
import pytest

from stockcast.backtesting.recorded import RecordedForecasts, RecordedRows
from stockcast.errors import UnusableForecasts


def make_rows(dates, forecast, *, last_dates=None, steps=None, last_prices=None, **more):
    count = len(dates)
    unknown = np.full(count, np.nan)
    if last_dates is None:
        last_dates = np.full(count, np.datetime64("NaT", "us"))
    return RecordedRows(
        sources=("mine.csv",),
        files=np.zeros(count, dtype=np.int16),
        lines=np.arange(2, 2 + count),
        dates=np.asarray(dates).astype("datetime64[us]"),
        last_dates=np.asarray(last_dates).astype("datetime64[us]"),
        steps=np.zeros(count, dtype=np.int64) if steps is None else np.asarray(steps),
        forecast=np.asarray(forecast, dtype=np.float64),
        last_prices=unknown if last_prices is None else np.asarray(last_prices, dtype=np.float64),
        volatility=more.get("volatility", unknown),
        bounds=more.get("bounds", {}),
        tails=more.get("tails", {}),
    )


def place(rows, history, **more):
    return RecordedForecasts("mine", {"": rows}, **more).place(history)


@pytest.fixture
def history(make_history):
    """Ten bars, Monday 2012-01-02 to Friday the 13th."""
    return make_history(10)


def test_a_date_alone_was_forecast_from_the_bar_before(history):
    placed = place(make_rows(history.dates[[3, 5]], [7.0, 8.0]), history)
    assert placed.cutoffs.tolist() == [3, 5]
    assert placed.forecast.tolist() == [[7.0], [8.0]]
    assert placed.target is None


def test_steps_count_back_from_the_date(history):
    placed = place(make_rows(history.dates[[3, 4]], [7.0, 8.0], steps=[1, 2]), history)
    assert placed.cutoffs.tolist() == [3]
    assert placed.forecast.tolist() == [[7.0, 8.0]]
    assert placed.steps == [1, 2]


def test_last_dates_say_how_many_bars_ahead_it_is_over_a_weekend_too(history):
    friday, tuesday = history.dates[4], history.dates[6]
    rows = make_rows([tuesday], [7.0], last_dates=[friday])
    placed = place(rows, history)
    assert placed.cutoffs.tolist() == [5]
    assert placed.steps == [2]
    assert placed.list_cutoffs(2).tolist() == [5]
    assert placed.list_cutoffs(1).tolist() == placed.list_cutoffs(9).tolist() == []


def test_a_step_that_counts_days_is_refused(history):
    friday, monday = history.dates[4], history.dates[5]
    rows = make_rows([monday], [7.0], last_dates=[friday], steps=[3])
    with pytest.raises(
        UnusableForecasts, match=r"mine.csv:2: step is 3, and 2012-01-09 is 1 after"
    ):
        place(rows, history)


@pytest.mark.parametrize("given", ["date", "last_date"])
def test_a_date_that_is_no_bar_is_refused_with_its_line(history, given):
    saturday = np.datetime64("2012-01-07", "us")
    if given == "date":
        rows = make_rows([history.dates[3], saturday, saturday], [7.0] * 3)
    else:
        dates, last = history.dates[[3, 5, 6]], [history.dates[2], saturday, saturday]
        rows = make_rows(dates, [7.0] * 3, last_dates=last)
    message = (
        rf"mine.csv:3: {given} is 2012-01-07, on which made-up.csv \(MADEUP\) has no bar \(and 1"
    )
    with pytest.raises(UnusableForecasts, match=message):
        place(rows, history)


def test_what_predict_wrote_of_a_holiday_came_true_on_the_next_bar(make_history):
    days = np.busday_offset("2012-01-02", np.arange(10), roll="forward")
    history = make_history(9, dates=np.delete(days, 5))  # Monday the 9th had no trade
    rows = make_rows(
        [days[5], days[6]],
        [7.0, 8.0],
        last_dates=[days[4]] * 2,
        steps=[1, 2],
        last_prices=[history.columns["adj_close"][4]] * 2,
    )
    placed = place(rows, history)
    assert (placed.cutoffs.tolist(), placed.steps) == ([5], [1, 2])
    assert placed.target == "adj_close"


def test_what_is_yet_to_come_and_what_was_before_the_bars_is_left_out_and_counted(history):
    before, after = np.datetime64("2011-12-30", "us"), np.datetime64("2012-01-16", "us")
    dates = [before, history.dates[0], history.dates[4], after]
    placed = place(make_rows(dates, [7.0] * 4), history)
    assert placed.cutoffs.tolist() == [4]
    assert (placed.pending, placed.outside) == (1, 2)  # nothing is known before the first bar


def test_a_forecast_twice_is_refused_with_both_lines(history):
    rows = make_rows(history.dates[[3, 4, 3]], [7.0, 8.0, 9.0])
    with pytest.raises(UnusableForecasts, match=r"mine.csv:4: 2012-01-05 .* mine.csv:2 already"):
        place(rows, history)


def test_in_a_ledger_the_later_one_counts(history):
    rows = make_rows(history.dates[[3, 4, 3]], [7.0, 8.0, 9.0])
    placed = place(rows, history, takes_last=True)
    assert placed.forecast.tolist() == [[9.0], [8.0]]


def test_forecasts_from_before_a_split_are_scaled_to_the_prices_of_today(history):
    closes = history.columns["adj_close"]
    bounds = {0.8: (np.array([90.0]), np.array([110.0]))}
    rows = make_rows(
        history.dates[[4]],
        [100.0],
        last_prices=[2 * closes[3]],
        bounds=bounds,
        volatility=np.array([0.02]),
    )
    placed = place(rows, history)
    assert placed.target == "adj_close"
    assert placed.forecast[0, 0] == pytest.approx(50)
    assert [bound[0, 0] for bound in placed.bounds[0.8]] == pytest.approx([45, 55])
    assert placed.volatility[0, 0] == 0.02
    assert placed.adjusted == 1


def test_the_column_is_the_one_that_last_prices_stand_in(history):
    rows = make_rows(history.dates[[4]], [50.0], last_prices=[history.columns["close"][3]])
    placed = place(rows, history)
    assert (placed.target, placed.adjusted) == ("close", 0)


def test_a_ticker_without_forecasts_is_refused_and_those_that_there_are_named(history):
    rows = make_rows(history.dates[[4]], [50.0])
    with pytest.raises(UnusableForecasts, match=r"mine.csv:2: no forecasts of MADEUP, only of IBM"):
        RecordedForecasts("mine", {"IBM": rows}).place(history)


def test_how_far_a_file_looks_is_told_by_steps_or_by_dates_after_one_last_date(history):
    days = history.dates
    for rows, farthest in (
        (make_rows(days[[3, 4]], [7.0, 7.0]), 1),
        (make_rows(days[[3, 4]], [7.0, 7.0], steps=[1, 5]), 5),
        (make_rows(days[[3, 4, 5]], [7.0] * 3, last_dates=days[[2, 2, 4]]), 2),
    ):
        assert RecordedForecasts("mine", {"": rows}).horizon == farthest


def test_two_files_are_joined_and_a_level_that_one_lacks_is_empty(history):
    wide = (np.array([1.0]), np.array([9.0]))
    one = make_rows(history.dates[[3]], [7.0], bounds={0.8: wide})
    other = make_rows(history.dates[[4]], [8.0], bounds={0.95: wide})
    both = one.join(other)
    assert [both.locate(row) for row in (0, 1)] == ["mine.csv:2", "mine.csv:2"]
    assert both.forecast.tolist() == [7.0, 8.0]
    np.testing.assert_array_equal(both.bounds[0.8], [[1.0, np.nan], [9.0, np.nan]])
    np.testing.assert_array_equal(both.bounds[0.95], [[np.nan, 1.0], [np.nan, 9.0]])
    assert both.sources == ("mine.csv", "mine.csv")


def test_a_level_whose_cells_are_all_empty_is_none_of_its_own(history):
    empty = np.array([np.nan]), np.array([np.nan])
    rows = make_rows(history.dates[[4]], [7.0], bounds={0.8: empty}, tails={0.05: empty})
    placed = place(rows, history)
    assert placed.take_intervals(np.array([4]), 1, (0.8,)) == {}
    assert placed.take_tails(np.array([4]), 1, (0.05,)) == {}


def test_quantiles_are_joined_placed_and_scaled_as_bounds_are(history):
    days, closes = history.dates, history.columns["close"]
    pair = np.array([3.0]), np.array([2.0])
    one = make_rows(days[[4]], [7.0], last_prices=closes[[3]] * 2, tails={0.05: pair})
    other = make_rows(days[[5]], [8.0], last_prices=closes[[4]])
    placed = place(one.join(other), history)
    tails = placed.take_tails(np.array([4, 5]), 1, (0.05, 0.01))
    assert list(tails) == [0.05]
    np.testing.assert_array_equal(tails[0.05][0], [[1.5], [np.nan]])
    np.testing.assert_array_equal(tails[0.05][1], [[1.0], [np.nan]])
    assert placed.take_tails(np.array([4]), 1, ()) == {}


def test_it_answers_at_its_cutoffs_as_a_model_does(history):
    days, closes = history.dates, history.columns["close"]
    rows = make_rows(
        days[[3, 4, 4, 5]], [7.0, 7.5, 8.0, 8.5], steps=[1, 2, 1, 2],
        bounds={0.8: (np.array([1.0, 2, 3, 4]), np.array([11.0, 12, 13, 14]))},
    )  # fmt: skip
    placed = place(rows, history)
    outlook = placed.look(closes, np.array([3, 4]), 2)
    assert outlook.forecast.tolist() == [[7.0, 7.5], [8.0, 8.5]]
    assert outlook.last_prices.tolist() == closes[[2, 3]].tolist()
    assert outlook.actual.tolist() == [closes[[3, 4]].tolist(), closes[[4, 5]].tolist()]
    assert np.isnan(outlook.volatility).all()
    intervals = placed.take_intervals(np.array([4]), 2, (0.8, 0.95))
    assert {level: [one.tolist() for one in pair] for level, pair in intervals.items()} == {
        0.8: [[[3.0, 4.0]], [[13.0, 14.0]]]
    }
