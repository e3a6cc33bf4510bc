"""Sessions of an exchange: its holidays are left out. 2013-03-29 was Good Friday."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.errors import UsageError
from stockcast.prices.calendar import next_sessions
from stockcast.prices.exchange import find_exchange

pytestmark = pytest.mark.slow

WEEK = np.arange("2013-03-22", "2013-03-29", dtype="datetime64[D]")
WEEK = WEEK[np.is_busday(WEEK)].astype("datetime64[us]")  # to the Thursday before Good Friday


def to_dates(*texts):
    return np.array(texts, dtype="datetime64[us]")


def test_new_york_is_closed_on_good_friday_and_not_on_easter_monday():
    sessions = find_exchange("XNYS")(WEEK, 3)
    assert list(sessions) == list(to_dates("2013-04-01", "2013-04-02", "2013-04-03"))
    assert sessions.dtype == np.dtype("datetime64[us]")
    assert next_sessions(WEEK, 1)[0] == np.datetime64("2013-03-29")  # what weekdays alone would say


def test_frankfurt_is_closed_on_easter_monday_too():
    assert find_exchange("XETR")(WEEK, 1)[0] == np.datetime64("2013-04-02")


def test_what_never_closes_trades_on_the_next_day():
    assert list(find_exchange("24/7")(WEEK, 2)) == list(to_dates("2013-03-29", "2013-03-30"))


def test_a_horizon_of_a_year_has_as_many_sessions():
    sessions = find_exchange("XNYS")(WEEK, 251)
    assert len(sessions) == 251
    assert sessions[-1] == np.datetime64("2014-03-27")


def test_a_time_of_day_does_not_move_the_next_session():
    assert find_exchange("XNYS")(to_dates("2013-03-28T16:00"), 1)[0] == np.datetime64("2013-04-01")


@pytest.mark.parametrize("name", ["XNYS", "xnys", "NYSE", " nasdaq "])
def test_an_exchange_is_found_by_any_of_its_names_in_any_case(name):
    assert find_exchange(name).code == "XNYS"


@pytest.mark.parametrize(
    ("code", "near"), [("XNYSE", "XNYS"), ("XETRA", "XETR"), ("24-7", "24/7"), ("?", "XNYS")]
)
def test_an_unknown_code_is_refused_with_the_nearest_or_examples(code, near, expect_refusal):
    with expect_refusal(UsageError, repr(code), hint=near):
        find_exchange(code)


def test_a_day_is_a_session_or_not():
    exchange = find_exchange("XNYS")
    assert exchange.is_session(np.datetime64("2013-03-28T16:00", "us"))
    assert not exchange.is_session(np.datetime64("2013-03-29", "us"))


@pytest.mark.parametrize("bars", ["months", "minutes"])
def test_bars_that_are_not_daily_are_refused(bars, expect_refusal):
    step = {"months": np.timedelta64(30, "D"), "minutes": np.timedelta64(5, "m")}[bars]
    dates = np.datetime64("2013-01-02", "us") + np.arange(9) * step
    with expect_refusal(UsageError, "XNYS knows whole days", hint="leave calendar= out"):
        find_exchange("XNYS")(dates, 1)


def test_days_beyond_the_known_holidays_are_refused_with_the_last_one_known(expect_refusal):
    exchange = find_exchange("XHKG")  # lunar holidays, listed to 2049
    assert list(exchange(to_dates("2049-12-27"), 2)) == list(to_dates("2049-12-28", "2049-12-29"))
    with expect_refusal(
        UsageError, "20 sessions after 2049-12-27", "to 2049-12-31", hint="horizon="
    ):
        exchange(to_dates("2049-12-27"), 20)
    with expect_refusal(UsageError, "to 2049-12-31"):
        exchange(to_dates("2077-01-04"), 1)


def test_days_before_the_known_holidays_are_refused(expect_refusal):
    with expect_refusal(UsageError, "XSAU", "2010-01-03", "from 2021-01-01"):
        find_exchange("XSAU")(to_dates("2010-01-03"), 1)


def test_days_that_no_calendar_can_count_are_refused(expect_refusal):
    with expect_refusal(UsageError, "XNYS", "2500-01-04"):
        find_exchange("XNYS")(to_dates("2500-01-04"), 1)
