"""Other calendars: which years are theirs, and which days they mean."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.prices.csv.calendars import (
    CALENDARS,
    are_plain_days,
    expand_years,
    find_calendars,
    find_local,
    read_short_years,
    to_days,
)


def convert(year, month, day, given=None):
    return str(to_days(*(np.array([part]) for part in (year, month, day)), given)[0])


# First days of Iranian years, by the calendars that are printed there.
NEW_YEARS = {
    1300: "1921-03-21", 1343: "1964-03-21", 1357: "1978-03-21", 1370: "1991-03-21",
    1371: "1992-03-21", 1375: "1996-03-20", 1387: "2008-03-20", 1391: "2012-03-20",
    1399: "2020-03-20", 1400: "2021-03-21", 1403: "2024-03-20", 1404: "2025-03-21",
    1405: "2026-03-21",
}  # fmt: skip


@pytest.mark.parametrize(("year", "day"), NEW_YEARS.items())
def test_an_iranian_year_begins_in_spring(year, day):
    assert convert(year, 1, 1) == day


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ((1391, 12, 11), "2013-03-01"),
        ((1391, 6, 31), "2012-09-21"),
        ((1391, 7, 1), "2012-09-22"),
        ((1391, 7, 31), "NaT"),
        ((1391, 12, 30), "2013-03-20"),  # a year of 366 days
        ((1392, 12, 29), "2014-03-20"),
        ((1392, 12, 30), "NaT"),
        ((2555, 2, 16), "2012-02-16"),
        ((2555, 2, 29), "2012-02-29"),
        ((2554, 2, 29), "NaT"),
        ((101, 2, 29), "2012-02-29"),
        ((2012, 2, 16), "2012-02-16"),
        ((1499, 13, 1), "NaT"),
        ((-1, 1, 1), "NaT"),
        ((2800, 1, 1), "NaT"),
        ((500, 1, 1), "NaT"),
    ],
)
def test_a_day_is_that_of_the_calendar_that_its_year_is_of(date, day):
    assert convert(*date) == day


def test_each_day_of_an_iranian_year_is_the_day_after_the_one_before():
    months = np.repeat(np.arange(1, 13), 31)
    days = np.tile(np.arange(1, 32), 12)
    dates = to_days(np.full(372, 1403), months, days)
    dates = dates[~np.isnat(dates)]
    assert len(dates) == 366
    assert (np.diff(dates) == np.timedelta64(1, "D")).all()


def test_years_that_the_user_calls_gregorian_are_just_that():
    assert convert(1391, 12, 11, "gregorian") == "1391-12-11"
    assert convert(2555, 2, 16, "gregorian") == "2555-02-16"


def test_a_year_tells_its_calendar_by_its_size():
    years = np.array([2012, 2555, 1391, 101, -1, 1200, 2990])
    found = [CALENDARS[code] if code >= 0 else None for code in find_calendars(years)]
    assert found == ["gregorian", "buddhist", "jalali", "roc", None, None, None]


@pytest.mark.parametrize(
    ("calendar", "short", "full"),
    [
        (None, 21, 2021),
        (None, 99, 1999),
        ("buddhist", 55, 2555),
        ("buddhist", 99, 2499),
        ("jalali", 91, 1391),
        ("jalali", 3, 1403),
        ("roc", 99, 99),
    ],
)
def test_two_digits_are_the_near_century_of_each_calendar(calendar, short, full):
    assert expand_years(np.array([short]), calendar).tolist() == [full]


@pytest.mark.parametrize(
    ("words", "calendar"),
    [
        ("日期 收盤價", "roc"),
        ("日期 收盘价", None),
        ("日付 終値", None),
        ("วันที่ ราคาปิด", "buddhist"),
        ("تاریخ پایانی", "jalali"),
        ("Date Close", None),
    ],
)
def test_the_language_of_a_header_suggests_a_calendar(words, calendar):
    assert find_local(words) == calendar


def test_short_years_that_would_be_still_to_come_are_no_question():
    dates = np.array(["1999-12-31"], "datetime64[us]")
    asked = read_short_years(dates, "roc")
    assert (asked.day, asked.otherwise, asked.certain) == ("2010-12-31", "1999-12-31", False)
    assert read_short_years(np.array(["2012-02-16"], "datetime64[us]"), "roc") is None


def test_days_of_no_other_calendar_are_plain():
    days = np.array(["1602-01-01", "2399-12-31"], "datetime64[us]").astype(np.int64)
    assert are_plain_days(days)
    assert are_plain_days(days[:0])
    assert not are_plain_days(np.append(days, np.datetime64("2555-02-16", "us").astype(np.int64)))
