"""The sessions after the newest bar. 2013-03-01 is a Friday."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.prices.calendar import find_rhythm, measure_step, next_session, next_sessions


def to_dates(*texts):
    return np.array(texts, dtype="datetime64[us]")


@pytest.mark.parametrize(
    ("newest", "following"),
    [
        ("2013-02-25", "2013-02-26"),
        ("2013-02-28", "2013-03-01"),
        ("2013-03-01", "2013-03-04"),
        ("2012-12-31", "2013-01-01"),
    ],
)
def test_weekday_bars_are_followed_by_the_next_weekday(newest, following):
    assert next_session(to_dates("2013-02-22", newest)) == np.datetime64(following)


@pytest.mark.parametrize(
    ("newest", "following"),
    [
        ("2013-03-01", "2013-03-02"),
        ("2013-03-02", "2013-03-03"),
        ("2013-03-03", "2013-03-04"),
    ],
)
def test_bars_on_weekends_are_followed_by_the_next_day(newest, following):
    assert next_session(to_dates("2013-02-23", "2013-02-24", newest)) == np.datetime64(following)


def test_one_bar_on_a_friday_is_followed_by_monday():
    assert next_session(to_dates("2013-03-01")) == np.datetime64("2013-03-04")


def test_a_time_of_day_does_not_move_the_next_session():
    assert next_session(to_dates("2013-03-01T16:00")) == np.datetime64("2013-03-04")


def test_the_next_session_has_the_precision_of_a_history_s_dates():
    assert next_session(to_dates("2013-03-01")).dtype == np.dtype("datetime64[us]")


@pytest.mark.parametrize(
    ("bars", "following"),
    [
        (["2023-01-02", "2023-01-09", "2023-01-16", "2023-01-23", "2023-01-30"], "2023-02-06"),
        (["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31"], "2023-06-30"),
        (["2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01", "2023-05-01"], "2023-06-01"),
        ([f"2023-01-02T10:{minute:02}" for minute in range(0, 25, 5)], "2023-01-02T10:25"),
        ([f"2023-01-02T{hour:02}" for hour in range(9, 16)], "2023-01-02T16:00"),
    ],
    ids=["weekly", "last day of the month", "first of the month", "five minutes", "hourly"],
)
def test_bars_of_another_length_step_by_it(bars, following):
    assert next_session(to_dates(*bars)) == np.datetime64(following)


DAILY = [f"2013-02-{day}" for day in (25, 26, 27, 28)] + ["2013-03-01"]
WEEKLY = ["2023-01-02", "2023-01-09", "2023-01-16", "2023-01-23", "2023-01-30"]
MONTH_ENDS = ["2023-09-30", "2023-10-31", "2023-11-30", "2023-12-31", "2024-01-31"]
FIRSTS = ["2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01", "2023-05-01"]
MINUTES = [f"2023-01-02T10:{minute:02}" for minute in range(0, 25, 5)]
ALL_DAYS = [f"2013-03-0{day}" for day in range(1, 7)]


@pytest.mark.parametrize(
    ("bars", "following"),
    [
        (DAILY, ["2013-03-04", "2013-03-05", "2013-03-06"]),
        (ALL_DAYS, ["2013-03-07", "2013-03-08", "2013-03-09"]),
        (WEEKLY, ["2023-02-06", "2023-02-13", "2023-02-20"]),
        (MONTH_ENDS, ["2024-02-29", "2024-03-31", "2024-04-30"]),
        (FIRSTS, ["2023-06-01", "2023-07-01", "2023-08-01"]),
        (MINUTES, ["2023-01-02T10:25", "2023-01-02T10:30", "2023-01-02T10:35"]),
    ],
    ids=["weekdays", "every day", "weekly", "month ends", "first of the month", "five minutes"],
)
def test_several_sessions_go_on_in_the_bars_own_rhythm(bars, following):
    sessions = next_sessions(to_dates(*bars), 3)
    assert list(sessions) == list(to_dates(*following))
    assert sessions.dtype == np.dtype("datetime64[us]")


def test_ten_weekdays_after_a_friday_end_on_a_friday_two_weeks_on():
    assert next_sessions(to_dates(*DAILY), 10)[-1] == np.datetime64("2013-03-15")


@pytest.mark.parametrize(
    ("bars", "words", "is_daily"),
    [
        (DAILY, "every weekday", True),
        (ALL_DAYS, "every day", True),
        (WEEKLY, "every 7 days", False),
        (MONTH_ENDS, "every month", False),
        (MINUTES, "every 5 minutes", False),
        ([f"2023-01-02T{hour:02}" for hour in range(9, 16)], "every hour", False),
        ([f"2023-01-02T10:00:{second:02}" for second in range(5)], "every second", False),
    ],
)
def test_a_rhythm_is_told_in_words(bars, words, is_daily):
    rhythm = find_rhythm(to_dates(*bars))
    assert (rhythm.describe(), rhythm.is_daily) == (words, is_daily)


@pytest.mark.parametrize("count", range(2, 9))
def test_the_step_between_bars_is_the_median_of_all(count):
    steps = np.random.default_rng(count).integers(1, 10, count) * np.timedelta64(7, "h")
    dates = to_dates("2013-03-01") + np.cumsum(steps)
    assert measure_step(dates) == np.median(np.diff(dates))


def test_the_step_of_a_bar_alone_is_a_day():
    assert measure_step(to_dates("2013-03-01")) == np.timedelta64(1, "D")
