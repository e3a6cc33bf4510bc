"""Date cells ─▶ datetimes: each kind of cell, and what is kept of times and zones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stockcast.prices.csv.date_format import find_kind, is_destroyed
from stockcast.prices.csv.dates import DateReader
from stockcast.prices.csv.months import parse_month


def read(*cells, order=None, blocks=1, calendar=None, words=""):
    """Read cells as the kind that they are, in one block or in more."""
    reader = DateReader(find_kind([cell for cell in cells if cell]), order, calendar, words)
    for block in np.array_split(np.array(cells, dtype=object), blocks):
        reader.add(pa.array(list(block), pa.string()))
    return reader.finish()


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("2021-03-11", "iso"),
        ("2021-03-11 09:30:00+00:00", "iso"),
        ("2021/3/11", "year-first"),
        ("20210311", "compact"),
        ("2021年3月11日", "cjk"),
        ("11.3.2021", "numbers"),
        ("Thu 3/11/21", "numbers"),
        ("11-MAR-2021", "day-name"),
        ("Mar 11, 2021", "name-day"),
        ("2021-Mar-11", "year-name"),
        ("20210311 170000", "compact"),
        ("20210311170000", "stamp"),
        ("202103111700", "stamp"),
        ("110/03/11", "numbers"),
        ("99/12/31", "numbers"),
        ("民國110年3月11日", "cjk"),
        ("110年3月11日", "cjk"),
        ("2021- 03- 11", "iso"),
        ("2021-03-11,四", "iso"),
        ("２０２１／０３／１１", "year-first"),
        ("44266", "number"),
        ("1615420800", "number"),
        ("1615420800000", "number"),
    ],
)
def test_a_cell_is_of_the_kind_that_it_looks_like(cell, kind):
    assert find_kind([cell]) == kind


@pytest.mark.parametrize(
    "cell",
    ["", "today", "1.5", "123", "2021-13-11", "13/13/2021", "11 foo 2021", "Open", "99999", "1e5"],
)
def test_a_cell_that_is_no_date_is_of_no_kind(cell):
    assert find_kind([cell]) is None


def test_the_kind_is_that_of_most_cells():
    assert find_kind(["2021-03-11", "2021-03-12", "11/03/2021", ""]) == "iso"
    assert find_kind(["x", "y", "z", "2021-03-11"]) is None


def test_all_cells_rounded_to_powers_of_ten_are_destroyed_and_one_whole_one_is_not():
    assert is_destroyed(["1.66E+12", "1.66E+12", ""])
    assert not is_destroyed(["1.66E+12", "1660000000000"])
    assert not is_destroyed([""])


def test_an_empty_cell_is_no_date_and_not_bad():
    column = read("2021-03-11", "", "2021-03-15")
    assert list(np.isnat(column.dates)) == [False, True, False]
    assert list(column.bad) == []


@pytest.mark.parametrize(
    "cells",
    [
        ["2021-03-11", "soon", "2021-03-15"],
        ["2021-03-11", "2021-02-30", "2021-03-15"],
        ["11-MAR-2021", "31-APR-2021", "15-MAR-2021"],
        ["44266", "abc", "44267"],
        ["1615420800", "12345", "1615507200"],
    ],
    ids=lambda cells: cells[1],
)
def test_a_cell_that_is_no_date_like_the_others_is_bad_by_its_row(cells):
    column = read(*cells, blocks=3)
    assert list(np.isnat(column.dates)) == [False, True, False]
    assert list(column.bad) == [1]


@pytest.mark.parametrize("blocks", [1, 2, 5])
@pytest.mark.parametrize(
    "cells",
    [
        ["2021-03-11", "2021-03-12", "2021-03-15", "2021-03-16", "2021-03-17"],
        ["11/03/2021", "12/03/2021", "15/03/2021", "16/03/2021", "17/03/2021"],
        ["Mar 11, 2021", "Mar 12, 2021", "Mar 15, 2021", "Mar 16, 2021", "Mar 17, 2021"],
        ["44266", "44267", "44270", "44271", "44272"],
    ],
    ids=lambda cells: cells[0] if isinstance(cells, list) else None,
)
def test_a_column_is_the_same_in_whatever_blocks_it_comes(cells, blocks):
    column = read(*cells, blocks=blocks)
    expected = ["2021-03-11", "2021-03-12", "2021-03-15", "2021-03-16", "2021-03-17"]
    assert [str(day) for day in column.dates.astype("datetime64[D]")] == expected


@pytest.mark.parametrize(
    ("cell", "stamp"),
    [
        ("2021-03-11 09:30", "2021-03-11T09:30"),
        ("2021-03-11T09:30:15", "2021-03-11T09:30:15"),
        ("2021-03-11 09:30:15.250", "2021-03-11T09:30:15.250"),
        ("11.03.2021 09:30:15", "2021-03-11T09:30:15"),
        ("3/11/2021, 9:30 PM", "2021-03-11T21:30"),
        ("3/11/2021 12:05 AM", "2021-03-11T00:05"),
        ("3/11/2021 12:05 PM", "2021-03-11T12:05"),
        ("20210311 09:30:15", "2021-03-11T09:30:15"),
        ("Mar 11, 2021 09:30", "2021-03-11T09:30"),
        ("44266.5", "2021-03-11T12:00"),
        ("1615455000", "2021-03-11T09:30"),
        ("1615455000000", "2021-03-11T09:30"),
        ("1615455000000000", "2021-03-11T09:30"),
        ("1615455000000000000", "2021-03-11T09:30"),
        ("20210311 093000", "2021-03-11T09:30"),
        ("20210311 93000", "2021-03-11T09:30"),
        ("20210311 0930", "2021-03-11T09:30"),
        ("20210311093000", "2021-03-11T09:30"),
        ("202103110930", "2021-03-11T09:30"),
        ("20210311093015250", "2021-03-11T09:30:15.250"),
        ("11.03.2021 09:30:00.000 GMT+0000", "2021-03-11T09:30"),
        ("11.03.2021 09.30", "2021-03-11T09:30"),
        ("2021/3/11 下午 03:05:00", "2021-03-11T15:05"),
        ("Thu Mar 11 2021 09:30:00 GMT-0500 (Eastern Standard Time)", "2021-03-11T09:30"),
        ("Thu, 11 Mar 2021 09:30:00 +0000", "2021-03-11T09:30"),
        ("Thu Mar 11 09:30:00 EST 2021", "2021-03-11T09:30"),
    ],
)
def test_the_time_of_day_is_kept(cell, stamp):
    # A day that settles the order stands beside it.
    numbers = find_kind([cell]) == "numbers"
    order = ("dmy" if "." in cell[:3] else "mdy") if numbers else None
    assert read(cell, order=order).dates[0] == np.datetime64(stamp)


def test_days_with_a_time_and_days_without_may_stand_in_one_column():
    column = read("2021-03-11", "2021-03-12 09:30:00", "2021-03-15T16:00:00.5")
    assert [str(date) for date in column.dates] == [
        "2021-03-11T00:00:00.000000",
        "2021-03-12T09:30:00.000000",
        "2021-03-15T16:00:00.500000",
    ]


@pytest.mark.parametrize("cell", ["2021-03-11 25:00", "2021-03-11 10:75:00", "2021-03-11 10:30:99"])
def test_a_time_that_no_clock_shows_makes_no_date(cell):
    assert np.isnat(read("2021-03-10", cell, "2021-03-12 10:30:00").dates[1])


@pytest.mark.parametrize(
    ("cells", "zone"),
    [
        (["2021-03-11"], None),
        (["2021-03-11 00:00:00+00:00"], "UTC"),
        (["2021-03-11T00:00:00Z"], "UTC"),
        (["2021-03-11 00:00:00 UTC"], "UTC"),
        (["2021-03-11 00:00:00-05:00"], "-05:00"),
        (["2021-03-11 00:00:00+0900"], "+0900"),
        (["2021-03-11 00:00:00-05:00", "2021-03-15 00:00:00-04:00"], "-04:00 and -05:00"),
        (["2021-03-11Z"], "UTC"),
        (["11.03.2021 00:00:00.000 GMT+0000"], "UTC"),
        (["11.03.2021 00:00:00 GMT+0100", "11.03.2021 00:00:00 GMT+0200"], "+0100 and +0200"),
        (["1615420800"], "UTC"),
        (["44266"], None),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_the_zone_is_what_the_cells_name(cells, zone):
    column = read(*cells, order="dmy" if "." in cells[0][:3] else None)
    assert column.timezone == zone
    assert str(column.dates[0].astype("datetime64[D]")) == "2021-03-11"


@pytest.mark.parametrize(
    ("year", "full"), [("00", 2000), ("21", 2021), ("38", 2038), ("70", 1970), ("99", 1999)]
)
def test_a_year_of_two_digits_is_of_the_century_that_is_near(year, full):
    assert str(read(f"31-12-{year}", order="dmy").dates[0])[:10] == f"{full}-12-31"
    assert str(read(f"31-Dec-{year}").dates[0])[:10] == f"{full}-12-31"


@pytest.mark.parametrize(
    ("cell", "year"), [("2020-02-29", "2020"), ("29.02.2020", "2020"), ("29-FEB-2000", "2000")]
)
def test_a_leap_day_is_a_date_in_a_leap_year(cell, year):
    assert str(read(cell).dates[0])[:10] == f"{year}-02-29"


def test_no_leap_day_in_another_year():
    assert np.isnat(read("28-FEB-2021", "29-FEB-2021").dates[1])


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("Jan", 1),
        ("JANUARY", 1),
        ("Sept", 9),
        ("März", 3),
        ("Mrz", 3),
        ("mai", 5),
        ("Dez.", 12),
        ("stycznia", 1),
        ("października", 10),
        ("març", 3),
        ("fev", 2),
        ("août", 8),
        ("déc.", 12),
        ("ene", 1),
        ("dicembre", 12),
        ("января", 1),
        ("мая", 5),
        ("okt", 10),
        ("mei", 5),
        ("Şub", 2),
        ("Ağu", 8),
        ("Aralık", 12),
        ("červenec", 7),
        ("června", 6),
        ("marraskuuta", 11),
        ("Φεβρουαρίου", 2),
        ("січня", 1),
        ("szept.", 9),
        ("foo", None),
        ("ju", None),
        ("", None),
    ],
)
def test_a_month_s_name_is_known_in_many_languages(name, month):
    assert parse_month(name) == month


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["1615420800", "1615507200"], "epoch s"),
        (["1615420800.5", "1615507200.25"], "epoch s"),
        (["1615420800000", "1615507200000"], "epoch ms"),
        (["1615420800000000", "1615507200000000"], "epoch µs"),
        (["1615420800000000000", "1615507200000000000"], "epoch ns"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_unit_of_an_epoch_is_told_by_its_size(cells, unit):
    column = read(*cells)
    assert column.format == unit
    assert [str(day)[:10] for day in column.dates] == ["2021-03-11", "2021-03-12"]


def test_what_is_too_large_for_seconds_is_of_the_early_seventies_in_milliseconds():
    assert str(read("31536000000").dates[0])[:10] == "1971-01-01"


def test_an_epoch_that_is_still_to_come_is_no_date():
    assert list(read("1615420800", "3800000000", "1615507200").bad) == [1]


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (["2555-02-16", "2555-02-29"], "buddhist"),
        (["16/02/2555", "29/02/2555"], "buddhist"),
        (["16 Feb 2555", "29 Feb 2555"], "buddhist"),
        (["25550216", "25550229"], "buddhist"),
        (["民國101年2月16日", "民國101年2月29日"], "roc"),
        (["101年2月16日", "101年2月29日"], "roc"),
        (["H24.2.16", "H24.2.29"], "japanese"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
@pytest.mark.parametrize("blocks", [1, 2])
def test_years_that_no_price_has_are_of_another_calendar_for_certain(cells, name, blocks):
    column = read(*cells, blocks=blocks)
    assert [str(day)[:10] for day in column.dates] == ["2012-02-16", "2012-02-29"]
    calendar = column.calendar
    assert (calendar.name, calendar.row, calendar.day) == (name, 0, "2012-02-16")
    assert calendar.certain


@pytest.mark.parametrize("cells", [["101/02/16", "101/02/29"], ["1010216", "1010229"]], ids=str)
def test_a_year_of_three_digits_is_certain_under_chinese_names_only(cells):
    assert read(*cells, words="日期 收盤價").calendar.certain
    column = read(*cells, words="Date Close")
    assert (column.calendar.name, column.calendar.certain) == ("roc", False)
    assert str(column.dates[1])[:10] == "2012-02-29"


@pytest.mark.parametrize(
    "cells",
    [["1391-12-11", "1391-12-30"], ["11/12/1391", "30/12/1391"], ["13911211", "13911230"]],
    ids=str,
)
def test_an_iranian_year_is_never_certain_but_by_what_the_user_says(cells):
    asked = read(*cells).calendar
    assert (asked.name, asked.certain, asked.day) == ("jalali", False, "2013-03-01")
    said = read(*cells, calendar="jalali")
    assert said.calendar.certain
    assert [str(day)[:10] for day in said.dates] == ["2013-03-01", "2013-03-20"]


def test_a_year_of_today_s_islamic_calendar_is_not_taken_for_an_iranian_one():
    assert read("1446-01-15", "1446-01-16").calendar.name == "islamic"


def test_a_year_of_two_digits_is_doubtful_in_a_language_with_another_calendar():
    column = read("99/12/30", "99/12/31", words="日期 收盤價")
    assert (column.calendar.name, column.calendar.day) == ("roc", "2010-12-30")
    assert (column.calendar.otherwise, column.calendar.certain) == ("1999-12-30", False)
    assert read("99/12/30", "99/12/31", words="Date Close").calendar is None
    assert read("12/02/16", "12/02/17", words="日期 收盤價", order="ymd").calendar is None


def test_a_year_of_another_calendar_among_others_is_bad():
    column = read("2012-02-15", "2555-02-16", "2012-02-17", blocks=3)
    assert list(column.bad) == [1]
    assert np.isnat(column.dates[1])
    assert column.calendar is None


@pytest.mark.parametrize("cell", ["0001-01-01", "0101-02-16", "1200-01-01", "2990-01-01"])
def test_a_year_of_no_calendar_is_bad(cell):
    assert list(read("2012-02-15", cell, "2012-02-17").bad) == [1]


def test_rows_whose_weekday_is_not_that_of_their_date_are_told():
    column = read("Fri 2013-03-01", "Fri 2013-03-04", "2013-03-05,二")
    assert list(column.contrary) == [1]
    assert [str(day)[:10] for day in column.dates] == ["2013-03-01", "2013-03-04", "2013-03-05"]


def test_a_weekday_that_two_languages_mean_two_days_by_contradicts_nothing():
    column = read("17.02.2013 So", "18.02.2013 Mo")
    assert list(column.contrary) == []


def test_weekdays_settle_day_and_month():
    column = read("Fr 03/01/2013", "Mo 03/04/2013")
    assert [str(day)[:10] for day in column.dates] == ["2013-03-01", "2013-03-04"]
    assert column.rule == "unique"
