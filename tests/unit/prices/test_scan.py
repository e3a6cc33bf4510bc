"""What is reported about one ticker's bars, and what is too ordinary to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stockcast.prices.csv.reader import read_prices
from stockcast.prices.findings import Finding
from stockcast.prices.history import Source
from stockcast.prices.scan import scan_history

SAMPLES = Path(__file__).parents[3] / "sample_data"


def scan(history, today=None):
    """Return the findings by kind, on the day of the last bar unless said otherwise."""
    found = scan_history(history, today=history.dates[-1] if today is None else today)
    kinds = [finding.kind for finding in found]
    assert len(set(kinds)) == len(kinds)
    for finding in found:
        assert finding.message.startswith(f"{history.name}: ")
        assert finding.count >= len(finding.lines) >= 1
    return {finding.kind: finding for finding in found}


@pytest.fixture
def with_close(make_history):
    """Make bars with a close alone: slowly rising, so that only what is set stands out."""

    def make(rows=60, *, factors=None, values=None, **fields):
        close = 100 + 0.01 * np.arange(rows)
        for row, factor in (factors or {}).items():
            close[row:] *= factor
        for row, value in (values or {}).items():
            close[row] = value
        return make_history(rows, columns=("close",), close=close, **fields)

    return make


def minutes(days, *, step=5):
    """Return bars of `step` minutes from 9:30 to 16:00 on so many weekdays."""
    sessions = np.busday_offset("2012-01-02", np.arange(days), roll="forward")
    times = np.arange(9 * 60 + 30, 16 * 60, step).astype("timedelta64[m]")
    return (sessions[:, None].astype("datetime64[m]") + times).ravel()


@pytest.mark.parametrize("seed", range(5))
def test_ordinary_bars_give_no_finding(seed, make_history):
    assert scan(make_history(1000, seed=seed)) == {}


@pytest.mark.parametrize("name", ["GOOG", "IBM", "FB"])
def test_real_daily_prices_without_a_split_give_no_finding(name):
    [history] = read_prices([SAMPLES / f"{name}.csv"])
    assert scan(history, np.datetime64("2013-03-02")) == {}


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_handful_of_bars_gives_no_finding(rows, make_history):
    assert scan(make_history(rows)) == {}


def test_a_history_without_any_usable_price_is_still_scanned(with_close):
    found = scan(with_close(3, values={0: -1, 1: 0, 2: np.nan}))
    assert list(found) == ["non-positive-prices"]
    assert found["non-positive-prices"].count == 2


@pytest.mark.parametrize("row", [65_534, 65_535, 65_536, 65_537])
def test_a_leap_and_a_jump_are_found_where_two_spans_of_bars_meet(row, with_close):
    leap = scan(with_close(65_600, values={row: 500}))
    assert list(leap) == ["single-row-outlier"]
    assert leap["single-row-outlier"].lines == (row + 2,)
    jump = scan(with_close(65_600, factors={row: 0.5}))
    assert list(jump) == ["possible-split"]
    assert jump["possible-split"].lines == (row + 2,)


def test_a_finding_names_the_file_the_rows_the_first_date_and_its_line(make_history):
    volume = np.full(30, 1000.0)
    volume[[4, 5, 9]] = 0
    assert scan_history(make_history(30, volume=volume), today=np.datetime64("2012-02-10")) == (
        Finding(
            "no-volume",
            3,
            "made-up.csv (MADEUP): 3 rows without volume, first on 2012-01-06 (line 6), in 2 spans",
            "MADEUP",
            (6, 7, 11),
        ),
    )


def test_a_finding_counts_every_row_and_lists_the_first_ten_lines(make_history):
    volume = np.full(40, 1000.0)
    volume[10:35] = 0
    found = scan(make_history(40, volume=volume))["no-volume"]
    assert found.count == 25
    assert found.lines == tuple(range(12, 22))


def test_among_several_files_a_line_is_named_with_its_file(make_history):
    volume = np.full(30, 1000.0)
    volume[20] = 0
    history = replace(
        make_history(30, volume=volume, ticker="a"),
        sources=(Source("a.csv", ""), Source("b.csv", "")),
        files=np.repeat(np.array([0, 1], dtype=np.int16), 15),
    )
    assert scan(history)["no-volume"].message == (
        "a.csv and 1 more: 1 row without volume on 2012-01-30 (b.csv:22)"
    )


def test_the_history_itself_is_left_as_it_is(with_close):
    history = with_close(values={20: -99, 30: 9999, 40: 210})
    before = history.columns["close"].copy()
    scan(history)
    assert np.array_equal(history.columns["close"], before)
    assert history.findings == ()


def test_weekends_holidays_and_a_week_s_closure_are_no_gaps_in_daily_bars(make_history):
    dates = np.busday_offset("2012-01-02", np.arange(60), roll="forward")
    kept = np.delete(dates, [5, 14, 15, 31, 32, 33, 34])
    assert scan(make_history(len(kept), dates=kept)) == {}


def test_a_gap_in_daily_bars_is_reported_with_its_two_ends(make_history):
    dates = np.busday_offset("2012-01-02", [0, 1, 2, 3, 4, 11, 12, 13, 14], roll="forward")
    found = scan(make_history(9, dates=dates))["missing-sessions"]
    assert (found.count, found.lines) == (1, (7,))
    assert found.message == (
        "made-up.csv (MADEUP): 1 gap of more than 7 days between daily bars before 2012-01-17 "
        "(line 7); the longest is 11 days, from 2012-01-06 (line 6) to 2012-01-17 (line 7)"
    )


def test_of_several_gaps_the_first_and_the_longest_are_named(make_history):
    dates = np.busday_offset("2012-01-02", np.arange(200), roll="forward")
    kept = np.delete(dates, [*range(20, 28), *range(100, 130), *range(150, 158)])
    found = scan(make_history(len(kept), dates=kept))["missing-sessions"]
    assert found.count == 3
    assert f"first before {dates[28]} (line 22)" in found.message
    assert f"from {dates[99]} (line 93) to {dates[130]} (line 94)" in found.message


def test_bars_of_every_day_of_the_week_are_daily_too(make_history):
    days = np.datetime64("2012-01-01") + np.arange(60)
    assert scan(make_history(52, dates=np.delete(days, [*range(20, 26), 40, 41]))) == {}
    found = scan(make_history(53, dates=np.delete(days, range(20, 27))))
    assert "between daily bars" in found["missing-sessions"].message


@pytest.mark.parametrize(("step", "name"), [(1, "1-minute"), (5, "5-minute"), (60, "60-minute")])
def test_nights_and_weekends_are_no_gaps_in_intraday_bars(step, name, make_history):
    dates = minutes(25, step=step)
    assert scan(make_history(len(dates), dates=dates)) == {}
    day = len(dates) // 25
    kept = np.delete(dates, np.arange(8 * day, 16 * day))
    message = scan(make_history(len(kept), dates=kept))["missing-sessions"].message
    assert f"1 gap of more than 7 days between {name} bars before 2012-01-24T09:30:00" in message


@pytest.mark.parametrize(
    ("unit", "name", "ordinary", "gap"),
    [("W", "weekly", 3, 4), ("M", "monthly", 3, 4)],
)
def test_weekly_and_monthly_bars_may_miss_two_in_a_row(unit, name, ordinary, gap, make_history):
    start = np.datetime64("2012-01", unit)
    for steps, kinds in ((ordinary, []), (gap, ["missing-sessions"])):
        dates = start + np.append(np.arange(30), 29 + steps + np.arange(30))
        found = scan(make_history(60, dates=dates.astype("datetime64[D]")))
        assert list(found) == kinds
        assert all(f"between {name} bars" in finding.message for finding in found.values())


def test_bars_of_three_days_a_week_are_daily_and_of_ten_seconds_intraday(make_history):
    dates = np.busday_offset("2012-01-02", np.arange(40), roll="forward", weekmask="Mon Wed Fri")
    kept = np.delete(dates, range(20, 24))
    assert "daily bars" in scan(make_history(36, dates=kept))["missing-sessions"].message
    seconds = np.datetime64("2012-01-02T09:30:00") + 10 * np.arange(40)
    seconds[20:] += np.timedelta64(8, "D")
    assert "intraday bars" in scan(make_history(40, dates=seconds))["missing-sessions"].message


def test_bars_of_no_common_rhythm_may_be_75_days_apart(make_history):
    for steps, kinds in ((6, []), (7, ["missing-sessions"])):
        days = 12 * np.append(np.arange(20), 19 + steps + np.arange(20))
        assert list(scan(make_history(40, dates=np.datetime64("2012-01-02") + days))) == kinds


def test_quarterly_bars_have_a_rhythm_too(make_history):
    months = 3 * np.delete(np.arange(40), [20, 21, 22, 23])
    dates = (np.datetime64("2000-01") + months).astype("datetime64[D]")
    message = scan(make_history(36, dates=dates))["missing-sessions"].message
    assert "1 gap of more than 273 days between 91-day bars" in message


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (1 / 2, "2:1"),
        (1 / 3, "3:1"),
        (2 / 3, "3:2"),
        (1 / 4, "4:1"),
        (1 / 5, "5:1"),
        (1 / 7, "7:1"),
        (1 / 10, "10:1"),
        (1 / 20, "20:1"),
        (2, "1:2"),
        (3 / 2, "2:3"),
        (10, "1:10"),
    ],
)
def test_a_split_is_reported_with_its_ratio(factor, name, with_close):
    for move in (0.97, 1.03):
        found = scan(with_close(factors={30: factor * move}))
        assert list(found) == ["possible-split"]
        assert found["possible-split"].lines == (32,)
        message = found["possible-split"].message
        assert "1 jump of the close like a split's on 2012-02-13 (line 32), ×" in message
        assert f", near {name}; a real crash or rally can look the same" in message


@pytest.mark.parametrize("factor", [0.45, 0.58, 1.75, 2.4, 100])
def test_a_great_jump_that_is_near_no_split_is_reported_without_a_ratio(factor, with_close):
    message = scan(with_close(factors={30: factor}))["possible-split"].message
    assert f"×{factor:g}; a real crash" in message


@pytest.mark.parametrize("factor", [0.62, 0.71, 0.8, 1.2, 1.42, 1.6])
def test_a_hard_day_is_no_split(factor, with_close):
    assert scan(with_close(factors={30: factor})) == {}


def test_the_splits_and_the_crash_of_a_real_unadjusted_close_are_found():
    [history] = read_prices([SAMPLES / "AAPL.csv"])
    found = scan(history, np.datetime64("2013-03-02"))
    assert list(found) == ["possible-split"]
    rows = np.searchsorted(history.lines, found["possible-split"].lines)
    days = [str(day) for day in history.dates[rows].astype("datetime64[D]")]
    assert days == ["2000-06-21", "2000-09-29", "2005-02-28"]
    assert "adj_close jumps too in 1 of 3" in found["possible-split"].message


def test_a_real_split_is_not_in_the_adjusted_close():
    [history] = read_prices([SAMPLES / "MSFT.csv"])
    found = scan(history, np.datetime64("2013-03-02"))
    assert list(found) == ["possible-split"]
    assert "on 2003-02-18" in found["possible-split"].message
    assert "near 2:1" in found["possible-split"].message
    assert found["possible-split"].message.endswith("and adj_close does not jump there")


def test_without_a_close_the_adjusted_close_is_looked_at(make_history):
    adjusted = np.where(np.arange(40) < 20, 100.0, 50.0) + 0.01 * np.arange(40)
    history = make_history(40, columns=("open", "adj_close"), adj_close=adjusted)
    message = scan(history)["possible-split"].message
    assert "1 jump of the adj_close like a split's" in message
    assert message.endswith("can look the same")


def test_a_split_across_a_bar_without_a_close_is_found(with_close):
    found = scan(with_close(factors={30: 0.5}, values={30: np.nan}))
    assert found["possible-split"].lines == (33,)


def test_prices_of_extreme_size_divide_without_a_warning(with_close):
    assert "possible-split" in scan(with_close(values={30: 5e-324, 31: 1e308}))


@pytest.mark.parametrize(
    ("column", "factor", "said"),
    [
        ("open", 1.1, "open above high in 1"),
        ("open", 0.9, "low above open in 1"),
        ("close", 1.1, "close above high in 1"),
        ("close", 0.9, "low above close in 1"),
    ],
)
def test_a_price_outside_the_range_of_its_bar_is_reported(column, factor, said, make_history):
    history = make_history(30)
    history.columns[column][12] *= factor
    found = scan(history)
    assert list(found) == ["outside-range"]
    assert found["outside-range"].lines == (14,)
    assert said in found["outside-range"].message


def test_bars_outside_their_range_are_counted_once_with_first_and_last_date(make_history):
    history = make_history(30)
    high, low = history.columns["high"], history.columns["low"]
    for row in (5, 20):
        high[row], low[row] = low[row], high[row]
    history.columns["close"][11] *= 1.1
    found = scan(history)["outside-range"]
    assert (found.count, found.lines) == (3, (7, 13, 22))
    assert (
        "3 rows with prices that contradict each other, first on 2012-01-09 (line 7), last on "
        "2012-01-30 (line 22): low above high in 2"
    ) in found.message


def test_rounding_does_not_take_a_price_out_of_its_range(make_history):
    history = make_history(30)
    history.columns["high"][:] = history.columns["close"] * (1 - 5e-7)
    history.columns["open"][:] = history.columns["low"] * (1 - 5e-7)
    assert scan(history) == {}
    history.columns["high"][:] = history.columns["close"] * (1 - 5e-6)
    assert "outside-range" in scan(history)


def test_without_a_high_and_a_low_there_is_no_range(make_history):
    assert scan(make_history(30, columns=("open", "close"), open=np.arange(30) + 90.0)) == {}


def test_an_empty_or_zero_cell_is_not_outside_its_range(make_history):
    history = make_history(30)
    history.columns["open"][3] = np.nan
    history.columns["high"][4] = np.nan
    history.columns["high"][5] = 0
    assert list(scan(history)) == ["non-positive-prices"]


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "adj_close"])
@pytest.mark.parametrize("price", [0.0, -37.63])
def test_a_price_of_zero_or_less_is_reported_whatever_its_column(column, price, make_history):
    history = make_history(30)
    history.columns[column][7] = price
    found = scan(history)["non-positive-prices"]
    assert (found.count, found.lines) == (1, (9,))
    assert f"1 row with a price of zero or less on 2012-01-11 (line 9): {column} is {price:g}" in (
        found.message
    )


def test_a_row_with_several_prices_of_zero_counts_once(make_history):
    history = make_history(30)
    for name in ("open", "high", "low"):
        history.columns[name][:4] = 0
    assert scan(history)["non-positive-prices"].count == 4


@pytest.mark.parametrize("value", [-1, -9, -99, -999, -9999, 9999, 99999, 999999, 9999999])
def test_a_usual_placeholder_far_from_its_neighbours_is_reported(value, make_history):
    history = make_history(30)
    history.columns["low" if value < 0 else "high"][[7, 8, 29]] = value
    found = scan(history)["sentinel-values"]
    assert (found.count, found.lines) == (3, (9, 10, 31))
    assert f"is {value}" in found.message


def test_a_placeholder_is_found_in_a_long_run_of_them(with_close):
    found = scan(with_close(values=dict.fromkeys(range(20, 50), 9999)))
    assert list(found) == ["sentinel-values"]
    assert found["sentinel-values"].count == 30


def test_a_price_that_happens_to_be_9999_is_no_placeholder(with_close):
    history = with_close()
    history.columns["close"][:] = 9970.0 + np.arange(60)
    assert 9999.0 in history.columns["close"]
    assert scan(history) == {}


def test_a_placeholder_is_compared_with_more_than_the_bars_beside_it(with_close):
    found = scan(with_close(values={29: 9000.0, 30: 9999.0, 31: 9000.0}))
    assert found["sentinel-values"].lines == (32,)


def test_a_column_of_nothing_but_a_placeholder_s_value_has_no_neighbours_to_differ_from(with_close):
    assert list(scan(with_close(5, values=dict.fromkeys(range(5), 9999)))) == []


def test_a_minus_one_among_prices_below_zero_is_no_placeholder(with_close):
    spread = dict(enumerate(np.linspace(-30, 0.5, 60))) | {40: -1.0}
    assert "sentinel-values" not in scan(with_close(values=spread))


def test_a_volume_of_9999_is_no_placeholder(make_history):
    assert scan(make_history(30, volume=np.append(np.full(29, 10.0), 9999))) == {}


def test_ten_equal_closes_in_a_row_are_reported_and_nine_are_not(with_close):
    assert scan(with_close(values=dict.fromkeys(range(20, 29), 100.0))) == {}
    found = scan(with_close(values=dict.fromkeys(range(20, 30), 100.0)))["constant-run"]
    assert (found.count, found.lines) == (10, tuple(range(22, 32)))
    assert found.message.endswith(
        "10 rows in runs of 10 or more with one and the same close, first on 2012-01-30 "
        "(line 22); the longest is 10 rows, from 2012-01-30 (line 22) to 2012-02-10 (line 31)"
    )


def test_of_several_runs_the_first_and_the_longest_are_named(with_close):
    values = dict.fromkeys(range(5, 15), 100.0) | dict.fromkeys(range(40, 60), 101.0)
    found = scan(with_close(values=values))["constant-run"]
    assert found.count == 30
    assert "first on 2012-01-09 (line 7)" in found.message
    assert "the longest is 20 rows, from 2012-02-27 (line 42) to" in found.message


def test_the_only_price_column_is_the_one_that_may_stand_still(make_history):
    history = make_history(30, columns=("open",), open=np.full(30, 5.0))
    assert "the same open" in scan(history)["constant-run"].message


def test_a_price_that_comes_back_is_no_run(with_close):
    assert scan(with_close(values=dict.fromkeys(range(0, 60, 2), 100.0))) == {}


@pytest.mark.parametrize(
    ("unit", "fresh", "old"),
    [("D", 17, 18), ("W", 77, 78), ("M", 300, 330)],
)
def test_the_last_bar_is_old_after_ten_steps_and_a_week(unit, fresh, old, make_history):
    dates = (np.datetime64("2012-01", unit) + np.arange(40)).astype("datetime64[D]")
    history = make_history(40, dates=dates)
    assert scan(history, dates[-1] + fresh) == {}
    found = scan(history, dates[-1] + old)
    assert list(found) == ["old-last-bar"]
    assert found["old-last-bar"].lines == (41,)
    assert found["old-last-bar"].message == (
        f"made-up.csv (MADEUP): the last bar was {old} days ago, on {dates[-1]} (line 41)"
    )


def test_today_is_now_unless_said_otherwise(make_history):
    now = np.datetime64("now")
    recent = now.astype("datetime64[D]") - np.arange(30)[::-1]
    assert scan_history(make_history(30, dates=recent)) == ()
    [found] = scan_history(make_history(30))
    assert found.kind == "old-last-bar"


def test_a_bar_may_be_of_tomorrow_and_not_of_the_day_after(make_history):
    history = make_history(30)
    last = history.dates[-1].astype("datetime64[D]")
    for ahead in (0, 1, 2):
        assert scan(history, last - ahead) == {}
    found = scan(history, last - 3)
    assert list(found) == ["future-dates"]
    assert found["future-dates"].message == (
        f"made-up.csv (MADEUP): 1 bar dated in the future, on {last} (line 31)"
    )
    assert scan(history, last - 40)["future-dates"].count == 28


def test_volume_of_zero_and_missing_volume_both_count(make_history):
    volume = np.full(30, 1000.0)
    volume[0], volume[4], volume[5], volume[20] = 0, 0, np.nan, np.nan
    found = scan(make_history(30, volume=volume))["no-volume"]
    assert found.count == 4
    assert found.message.endswith("4 rows without volume, first on 2012-01-02 (line 2), in 3 spans")


def test_a_volume_column_of_zeros_and_empty_cells_is_all_zero(make_history):
    volume = np.append(np.zeros(20), np.full(10, np.nan))
    assert "column is all zero" in scan(make_history(30, volume=volume))["no-volume"].message


@pytest.mark.parametrize(("value", "word"), [(0, "all zero"), (np.nan, "empty")])
def test_a_volume_column_without_a_single_number_is_said_to_be_so(value, word, make_history):
    found = scan(make_history(30, volume=np.full(30, value)))["no-volume"]
    assert found.count == 30
    assert f"the volume column is {word}: 30 rows without volume" in found.message


def test_without_a_volume_column_no_volume_is_missing(make_history):
    assert scan(make_history(30, columns=("close",))) == {}


@pytest.mark.parametrize("price", [10.0, 55.0, 70.0, 145.0, 210.0])
def test_a_leap_that_the_next_bar_takes_back_is_an_outlier_and_no_split(price, with_close):
    found = scan(with_close(values={30: price}))
    assert list(found) == ["single-row-outlier"]
    assert (found["single-row-outlier"].count, found["single-row-outlier"].lines) == (1, (32,))
    assert found["single-row-outlier"].message.endswith(
        "1 bar with a leap of the close that the next one takes back on 2012-02-13 (line 32): "
        f"{price:g} between 100.29 and 100.31"
    )


def test_a_leap_that_is_taken_back_by_half_only_is_no_outlier(with_close):
    assert "single-row-outlier" not in scan(with_close(factors={30: 2.0, 31: 0.75}))


def test_a_leap_of_less_than_40_percent_is_no_outlier(with_close):
    assert scan(with_close(values={30: 139.0, 40: 73.0})) == {}


def test_a_leap_in_the_last_bar_is_not_known_to_be_taken_back(with_close):
    assert list(scan(with_close(values={59: 210.0}))) == ["possible-split"]


def test_a_placeholder_is_not_told_again_as_an_outlier(with_close):
    assert list(scan(with_close(values={30: 9999.0}))) == ["sentinel-values"]
