"""How often prices lie within their intervals, counted by hand."""

from __future__ import annotations

import numpy as np

from stockcast.report.coverage import measure_coverage

DATES = np.array(["2013-01-30", "2013-01-31", "2013-02-01", "2013-02-04"], "datetime64[us]")
ACTUAL = np.array([10.0, 10.0, 10.0, 10.0])


def test_each_month_has_its_share_and_bounds_count_as_within():
    lower, upper = np.array([9.0, 10.0, 10.5, 8.0]), np.array([11.0, 12.0, 12.0, 10.0])
    coverage = measure_coverage(DATES, ACTUAL, {0.8: (lower, upper)})
    assert coverage.periods == ("2013-01", "2013-02")
    assert coverage.counts.tolist() == [2, 2]
    assert coverage.shares[0.8].tolist() == [1.0, 0.5]
    assert coverage.overall == {0.8: 0.75}


def test_what_has_no_interval_or_has_not_come_true_counts_for_nothing():
    lower, upper = np.array([np.nan, np.nan, 9.0, 9.0]), np.array([np.nan, np.nan, 11.0, 11.0])
    actual = np.array([10.0, 10.0, 20.0, np.nan])
    coverage = measure_coverage(DATES, actual, {0.8: (lower, upper)})
    assert np.isnan(coverage.shares[0.8][0])
    assert coverage.shares[0.8][1] == 0.0
    assert coverage.counts.tolist() == [2, 1]


def test_a_level_without_any_interval_is_left_out():
    unknown = np.full(4, np.nan)
    coverage = measure_coverage(DATES, ACTUAL, {0.95: (unknown, unknown)})
    assert coverage.shares == coverage.overall == {}


def test_many_months_are_told_year_by_year():
    dates = np.arange("2009-06", "2013-06", dtype="datetime64[M]").astype("datetime64[us]")
    bounds = np.zeros(48), np.full(48, 20.0)
    coverage = measure_coverage(dates, np.full(48, 10.0), {0.8: bounds})
    assert coverage.periods == ("2009", "2010", "2011", "2012", "2013")
    assert coverage.counts.tolist() == [7, 12, 12, 12, 5]
