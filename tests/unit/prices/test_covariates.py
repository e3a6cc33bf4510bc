"""Other prices beside a ticker's: which of their bars is known at a bar, and how old it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import CovariateGap, UsageError
from stockcast.prices.covariates import (
    Covariates,
    count_ages,
    find_known,
    join_covariates,
    require_known,
    see_covariates,
)


def to_dates(*texts):
    return np.array(texts, dtype="datetime64[us]")


@pytest.fixture
def pair(make_history):
    """Bars on weekdays, and a covariate with the same dates."""
    return make_history(30), make_history(30, seed=1, ticker="SPX")


def leave_out(history, *rows):
    return history.select(np.setdiff1d(np.arange(len(history)), rows))


def test_the_newest_bar_at_or_before_a_date_is_known_and_never_a_later_one(make_history):
    covariate = make_history(2, dates=to_dates("2012-01-03", "2012-01-05"))
    dates = to_dates("2012-01-02", "2012-01-03", "2012-01-04", "2012-01-05", "2012-01-09")
    assert find_known(covariate, dates).tolist() == [-1, 0, 0, 1, 1]


def test_age_is_counted_in_bars_of_the_ticker(pair):
    history, covariate = pair
    assert not count_ages(covariate, history.dates).any()
    assert count_ages(leave_out(covariate, 10, 11), history.dates)[9:13].tolist() == [0, 1, 2, 0]
    # Bars on days that the ticker has none of are as old as the bars since.
    assert count_ages(covariate, leave_out(history, 10).dates)[9:12].tolist() == [0, 0, 0]


def test_age_depends_on_no_later_date(pair):
    history, covariate = pair[0], leave_out(pair[1], *range(12, 20))
    whole = count_ages(covariate, history.dates)
    for known in (5, 15, 25):
        assert (count_ages(covariate, history.dates[:known]) == whole[:known]).all()


def test_a_holiday_passes_and_a_bar_that_is_too_old_is_an_error_with_both_dates(
    pair, expect_refusal
):
    history, covariate = pair[0], leave_out(pair[1], *range(10, 16))
    require_known(history, covariate, 0, 15, age=5)
    with expect_refusal(
        CovariateGap, "has nothing after 2012-01-13", "6 bars", "2012-01-23: more than 5",
        hint="covariate_age=6",
    ):  # fmt: skip
        require_known(history, covariate, 0, 30, age=5)
    require_known(history, covariate, 0, 30, age=6)


def test_a_covariate_that_ends_before_the_prices_says_so(pair, expect_refusal):
    history, covariate = pair[0], leave_out(pair[1], *range(20, 30))
    with expect_refusal(CovariateGap, "ends 2012-01-27", "more than 5", hint="bring it up to date"):
        require_known(history, covariate, 0, 30, age=5)
    require_known(history, covariate, 0, 20, age=5)


def test_a_covariate_that_begins_later_is_not_known_before(pair, expect_refusal):
    history, covariate = pair[0], leave_out(pair[1], *range(5))
    with expect_refusal(CovariateGap, "begins 2012-01-09", "2012-01-06"):
        require_known(history, covariate, 4, 30, age=5)
    require_known(history, covariate, 5, 30, age=5)


def test_bars_from_before_the_last_covariate_begins_are_left_out_and_told(pair):
    history, late = pair[0], replace(leave_out(pair[1], *range(5)), ticker="LATE")
    joined = join_covariates(history, Covariates((pair[1], late)))
    assert (joined.dates == history.dates[5:]).all()
    (finding,) = joined.findings
    assert finding.count == 5
    assert "LATE" in finding.message
    assert "2012-01-09" in finding.message
    assert join_covariates(joined, joined.covariates).findings == joined.findings


def test_a_covariate_that_begins_after_the_prices_end_is_refused(
    pair, make_history, expect_refusal
):
    late = make_history(5, dates=np.arange("2013-01-01", "2013-01-06", dtype="datetime64[D]"))
    with expect_refusal(CovariateGap, "begins 2013-01-01", "2012-02-10"):
        join_covariates(pair[0], Covariates((late,)))


def test_daily_bars_are_not_seen_beside_bars_within_a_day(pair, make_history, expect_refusal):
    hours = np.datetime64("2012-01-02T09:00", "us") + np.arange(30) * np.timedelta64(1, "h")
    hourly = make_history(30, dates=hours, ticker="HOURLY")
    for prices, covariate in ((pair[0], hourly), (hourly, pair[1])):
        with expect_refusal(UsageError, "(HOURLY) has several bars a day", hint="covariates="):
            see_covariates(prices, Covariates((covariate,)))
    assert see_covariates(hourly, Covariates((hourly,))).covariates is not None


def test_later_bars_are_altered_and_removed_and_earlier_ones_stay(pair):
    covariates, date = Covariates((pair[1],)), pair[1].dates[19]
    (altered,), (removed,) = (
        change(date).histories for change in (covariates.alter_later, covariates.remove_later)
    )
    assert len(removed) == 20
    for name, values in pair[1].columns.items():
        assert (altered.columns[name][:20] == values[:20]).all()
        assert (altered.columns[name][20:] != values[20:]).all()
