"""Day before month or month before day: what settles it, and when nothing does."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.prices.csv.date_order import judge_order


def judge(*cells, given=None, codes=None, calendar=None, weekdays=None):
    """Judge cells such as `1/2/2021`; an empty one is a row without a date."""
    numbers = [[int(part) for part in cell.split("/")] if cell else [-1] * 3 for cell in cells]
    parts = {
        name: np.array([row[at] for row in numbers], dtype=np.int64)
        for at, name in enumerate("abc")
    }
    years = [cell.rpartition("/")[2] for cell in cells]
    parts["k"] = np.array([len(year) for year in years], dtype=np.int64)
    parts["t"] = np.full(len(cells), -1, dtype=np.int64)
    parts["w"] = np.array([-1] * len(cells) if weekdays is None else weekdays, dtype=np.int64)
    codes = None if codes is None else np.array(codes, dtype=np.int32)
    return judge_order(parts, given, codes, calendar)


def to_days(verdict):
    return [str(day) for day in verdict.dates.astype("datetime64[D]")]


def write(days, form):
    return [day.strftime(form) for day in days.astype("datetime64[D]").astype(object)]


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["13/1/2021", "1/2/2021"], "dmy"),
        (["1/2/2021", "1/13/2021"], "mdy"),
        (["1/2/2021", "", "31/1/2021"], "dmy"),
    ],
)
def test_one_row_that_fits_only_one_order_settles_it(cells, order):
    verdict = judge(*cells)
    assert (verdict.order, verdict.rule, verdict.choices) == (order, "unique", (order,))


def test_working_days_with_a_two_digit_year_first_are_never_read_as_years_of_one_day():
    days = np.busday_offset("2021-03-11", np.arange(12), roll="forward")
    verdict = judge(*write(days, "%y/%m/%d"))
    assert verdict.order is None or to_days(verdict) == [str(day) for day in days]


def test_working_days_with_a_two_digit_year_last_are_read_though_it_could_come_first():
    days = np.busday_offset("2017-10-16", np.arange(12), roll="forward")
    verdict = judge(*write(days, "%d/%m/%y"))
    assert to_days(verdict) == [str(day) for day in days]


def test_a_bad_cell_among_many_does_not_turn_the_order_round():
    days = np.busday_offset("2021-01-04", np.arange(60), roll="forward")
    cells = write(days, "%d/%m/%Y")
    cells[7] = "31/2/2021"
    verdict = judge(*cells)
    assert verdict.order == "dmy"
    assert np.flatnonzero(np.isnat(verdict.dates)).tolist() == [7]


@pytest.mark.parametrize(("given", "day"), [("dmy", "2021-02-01"), ("mdy", "2021-01-02")])
def test_what_the_user_says_wins(given, day):
    assert to_days(judge("1/2/2021", given=given)) == [day]


def test_a_row_that_contradicts_the_user_has_no_date():
    verdict = judge("1/2/2021", "31/1/2021", given="mdy")
    assert list(np.isnat(verdict.dates)) == [False, True]


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_working_days_in_a_row_are_read_in_the_order_in_which_they_run(form, newest_first):
    days = np.busday_offset("2021-01-01", np.arange(8), roll="forward")
    cells = write(days, form)
    verdict = judge(*(cells[::-1] if newest_first else cells))
    expected = [str(day) for day in days]
    assert to_days(verdict) == (expected[::-1] if newest_first else expected)
    assert verdict.rule == "monotonic"


@pytest.mark.parametrize(
    "cells",
    [
        ["1/2/2021"],
        ["1/2/2021", "2/3/2021"],
        ["1/2/2021", "2/3/2021", "3/4/2021"],
        ["5/1/2021", "1/5/2021", "7/2/2021", "3/9/2021"],
    ],
)
def test_where_both_orders_are_as_good_nobody_decides(cells):
    verdict = judge(*cells)
    assert (verdict.order, verdict.rule) == (None, "ambiguous")
    assert np.isnat(verdict.dates).all()
    assert set(verdict.choices) == {"dmy", "mdy"}


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y"])
@pytest.mark.parametrize("months", [6, 12, 24, 60])
def test_the_first_of_each_month_is_never_read_as_days_of_january(form, months):
    days = (np.datetime64("2020-01") + np.arange(months)).astype("datetime64[D]")
    verdict = judge(*write(days, form))
    assert verdict.order is None or to_days(verdict) == [str(day) for day in days]


def test_days_that_are_the_same_in_both_orders_need_no_question():
    verdict = judge("1/1/2021", "5/5/2021")
    assert verdict.rule == "unique"
    assert to_days(verdict) == ["2021-01-01", "2021-05-05"]


def test_dates_run_ticker_by_ticker():
    days = np.busday_offset("2021-01-01", np.arange(8), roll="forward")
    cells = write(days, "%m/%d/%Y")
    verdict = judge(*cells, *cells, codes=[0] * 8 + [1] * 8)
    assert to_days(verdict) == [str(day) for day in days] * 2
    interleaved = [cell for cell in cells for _ in range(2)]
    assert judge(*interleaved, codes=[0, 1] * 8).order == "mdy"


FRIDAY, MONDAY, SATURDAY = 4, 0, 5


def test_the_weekday_that_each_row_names_settles_the_order():
    verdict = judge("03/01/2013", "03/04/2013", weekdays=[FRIDAY, MONDAY])
    assert (verdict.order, verdict.rule) == ("mdy", "unique")
    assert to_days(verdict) == ["2013-03-01", "2013-03-04"]


def test_weekdays_that_are_wrong_in_either_order_settle_nothing():
    verdict = judge("03/01/2013", "03/04/2013", weekdays=[FRIDAY, SATURDAY])
    assert verdict.order is None


def test_years_of_three_digits_are_those_of_the_republic_of_china_and_so_are_the_shorter_ones():
    verdict = judge("99/12/31", "100/1/3", "101/2/16")
    assert (verdict.order, verdict.calendar) == ("ymd", "roc")
    assert to_days(verdict) == ["2010-12-31", "2011-01-03", "2012-02-16"]


def test_one_year_of_three_digits_among_others_is_a_damaged_cell():
    verdict = judge("113/02/2013", "14/02/2013", "15/02/2013", "16/02/2013")
    assert (verdict.order, verdict.calendar) == ("dmy", None)
    assert to_days(verdict) == ["NaT", "2013-02-14", "2013-02-15", "2013-02-16"]


def test_a_day_of_one_digit_at_the_end_is_a_damaged_cell_but_where_years_stand_in_front():
    assert to_days(judge("14/02/2013", "15/2/3", "16/02/2013"))[1] == "NaT"
    assert to_days(judge("101/2/3", "101/2/16")) == ["2012-02-03", "2012-02-16"]


def test_the_calendar_that_the_user_names_counts():
    assert to_days(judge("99/12/31", calendar="roc")) == ["2010-12-31"]
    assert to_days(judge("16/02/55", calendar="buddhist", given="dmy")) == ["2012-02-16"]
    assert to_days(judge("11/12/1391", calendar="jalali", given="dmy")) == ["2013-03-01"]
