"""Odd writings of dates, and the plain ones that they become."""

from __future__ import annotations

import pytest

from stockcast.prices.csv.date_tidying import tidy_date


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("2013- 03- 01", "2013-03-01"),
        ("2013 - 03 - 01", "2013-03-01"),
        ("16 . 02 . 2012", "16.02.2012"),
        ("2012. 2. 16.", "2012.2.16."),
        ("2012 年 2 月 16 日", "2012年2月16日"),
        ("2012\u00a002\u00a016", "2012 02 16"),
        ("２０１２／０２／１６", "2012/02/16"),
        ("۱۳۹۱/۱۲/۱۱", "1391/12/11"),
        ("\u200e2/\u200e16/\u200e2012", "2/16/2012"),
        ("2012\u201302\u201316", "2012-02-16"),
        ("'2012-02-16", "2012-02-16"),
        ('="2012-02-16"', "2012-02-16"),
        ("16 Feb '12", "16 Feb 12"),
        ("2012_02_16", "2012-02-16"),
    ],
)
def test_blanks_and_signs_that_say_nothing_are_left_out(cell, plain):
    assert tidy_date(cell).text == plain


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("2012-02-16,四", "Thu 2012-02-16"),
        ("2012-02-16 (Thu)", "Thu 2012-02-16"),
        ("2012.02.16 Thu", "Thu 2012.02.16"),
        ("2012/02/16(木)", "Thu 2012/02/16"),
        ("2012年2月16日星期四", "Thu 2012年2月16日"),
        ("2012년 2월 16일 목요일", "Thu 2012년2월16일"),
        ("16.02.2012 Do", "Thu 16.02.2012"),
        ("16.02.2012, Donnerstag", "Thu 16.02.2012"),
        ("quinta-feira, 16 de fevereiro de 2012", "Thu 16 de fevereiro de 2012"),
        ("2012-02-16 чт", "Thu 2012-02-16"),
        ("18.02.2012 So", "18.02.2012"),  # a Saturday in Poland, a Sunday in Germany
    ],
)
def test_a_weekday_stands_in_front_wherever_it_stood_if_one_day_only_is_called_so(cell, plain):
    assert tidy_date(cell).text == plain


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("2012-02-16Z", "2012-02-16 00:00 Z"),
        ("2012-02-16+01:00", "2012-02-16 00:00 +01:00"),
        ("2012-02-16t09:30:00z", "2012-02-16T09:30:00 Z"),
        ("2012-02-16 09:30 GMT+1", "2012-02-16 09:30 +01:00"),
        ("2012-02-16 09:30 +5:30", "2012-02-16 09:30+05:30"),
        ("2012-02-16T00:00:00-05:00[America/New_York]", "2012-02-16T00:00:00-05:00"),
        ("Feb 16 17:00:00 UTC 2012", "Feb 16 2012 17:00:00 UTC"),
        ("2012-02-16-17.00.00", "2012-02-16 17.00.00"),
        ("2012:02:16 17:00:00", "2012-02-16 17:00:00"),
        ("16FEB2012:17:00:00", "16FEB2012 17:00:00"),
        ("16.02.2012 09:30 Uhr", "16.02.2012 09:30"),
        ("16/02/2012 09h30", "16/02/2012 09:30"),
        ("2012-02-16 3:30 p. m.", "2012-02-16 3:30 pm"),
        ("2012/2/16 下午 03:05:00", "2012/2/16 03:05:00 PM"),
        ("2012年2月16日15時05分", "2012年2月16日 15:05"),
    ],
)
def test_a_clock_and_a_zone_are_written_as_usual(cell, plain):
    assert tidy_date(cell).text == plain


@pytest.mark.parametrize(
    ("cell", "plain", "calendar"),
    [
        ("民國101年2月16日", "2012年2月16日", "roc"),
        ("民國101/02/16", "2012/02/16", "roc"),
        ("平成24年2月16日", "2012年2月16日", "japanese"),
        ("令和元年5月1日", "2019年5月1日", "japanese"),
        ("H24.2.16", "2012.2.16", "japanese"),
        ("S49.9.24", "1974.9.24", "japanese"),
        ("16 ก.พ. 2555", "16 Feb 2555", None),
        ("16 Thg 2, 2012", "2012-2-16", None),
    ],
)
def test_the_year_of_an_era_is_that_of_our_calendar(cell, plain, calendar):
    assert (tidy_date(cell).text, tidy_date(cell).calendar) == (plain, calendar)


@pytest.mark.parametrize(
    "cell",
    [
        *("", "1.5", "1,234.50", "119.380", "today", "1.23M", "abc", "12 lots", "x" * 90 + "1"),
        *("28.02.2013;1,5", "28 Φεβ 2013|100"),
    ],
)
def test_what_is_no_date_is_not_touched(cell):
    assert tidy_date(cell) is None
